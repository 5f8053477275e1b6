"""Runs many gradings, on one machine or a cluster."""

LOCAL = "local"  # name of the executor that does it all on this machine
