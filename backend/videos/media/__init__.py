"""The untrusted part of ingest: a separate program that turns one uploaded file into a video of record.

It is run as `python -m backend.videos.media SOURCE FOLDER OPTIONS`, in a cage (`cage/`) and with limits on memory, time
and files. It writes its files into FOLDER, and reports its progress and outcome as JSON lines on standard output. It
imports nothing of the database or the web. `answers` stays outside: it checks what the program says and leaves.
"""
