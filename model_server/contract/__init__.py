"""The messages between the backend and the model server: pydantic models only, importable without torch.

Masks cross the wire as COCO run-length encodings of the whole frame. Points and boxes are (x, y) in pixels of the
video of record, the first pixel's centre at (0, 0). Frames are 0-based indices into that video.
"""
