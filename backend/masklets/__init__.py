"""Masklets: creating, renaming and deleting them, and the rules that every edit follows."""
