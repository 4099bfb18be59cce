"""Tracking sessions: one open video each, with what the model knows of its objects."""
