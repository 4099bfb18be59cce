"""Typed calls to the model server."""
