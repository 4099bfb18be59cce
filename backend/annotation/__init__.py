"""Prompts, mask edits, propagation, undo and redo, and how a browser follows them."""
