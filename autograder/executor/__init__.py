"""Runs many gradings, on one machine or a cluster."""
