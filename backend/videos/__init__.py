"""Videos: upload, ingest, and the video of record."""
