"""Automatic masklets: search for masks on key frames, propagate them through the video, and let people verify them."""
