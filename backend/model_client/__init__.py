"""Typed calls to the model servers, and their state."""
