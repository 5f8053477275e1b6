"""Starts kernels behind walls."""
