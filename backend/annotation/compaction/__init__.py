"""The compaction of what undo and redo can no longer reach."""
