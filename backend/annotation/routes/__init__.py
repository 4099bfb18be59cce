"""The HTTP routes of annotation."""
