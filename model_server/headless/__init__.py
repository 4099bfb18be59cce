"""Stored prompts in, masks out, without the application: `player.segment` in Python, `maskloom segment` in a shell."""
