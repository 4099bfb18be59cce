"""Two export formats as somebody would add them: a file each, and one line in the registry."""
