"""Projects: sets of videos annotated under one set of rules."""
