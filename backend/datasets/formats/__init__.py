"""Export formats: one file each, and one line in the registry; palettes, run lengths and ids that several share."""
