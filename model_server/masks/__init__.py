"""Masks as run lengths."""
