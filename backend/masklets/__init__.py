"""Masklets: making, naming, deleting them; and the rules every edit of one follows."""
