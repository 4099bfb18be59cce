"""Automatic masklets: look for everything on key frames, carry it through the video, and let people verify it."""
