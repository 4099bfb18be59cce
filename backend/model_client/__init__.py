"""Typed calls to the model servers, and which of them are up."""
