"""Edits that need no model: masks drawn by hand, cleared frames, frame locks, undo and redo."""
