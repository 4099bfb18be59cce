"""Stored prompts in, masks out, without the application: `segment` from Python, `maskloom segment` from a shell."""
