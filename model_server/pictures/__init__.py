"""Decoded pictures made whole, and of standard range: what ingest and `maskloom segment` do alike to a video's frames.

It imports av and numpy only, because ingest runs it on files of strangers.
"""
