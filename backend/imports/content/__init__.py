"""What a dataset holds: its files, the entries of its documents, its manifest, and what was read of all that."""
