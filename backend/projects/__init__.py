"""Projects: sets of videos that are annotated under one set of rules."""
