"""Turns command lines into calls, and values into text."""
