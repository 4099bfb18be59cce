"""Videos: uploads, ingest, and the video of record."""
