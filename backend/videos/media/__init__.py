"""The untrusted side of ingest: a program of its own that turns one uploaded file into a video of record.

It is run as `python -m backend.videos.media SOURCE FOLDER OPTIONS` with limits on memory, time and files and
without network, writes its files into FOLDER, and tells on standard output, in JSON lines, how far it is and
how it ended. It imports nothing of the database or of the web.
"""
