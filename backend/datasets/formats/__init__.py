"""Export formats: one file each, and one line in the registry; what several share lies in `parts`."""
