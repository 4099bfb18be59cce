"""Videos as frames by index."""
