"""Frames of the video of record by index."""
