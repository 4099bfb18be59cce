"""What the backend and the model server say to each other: pydantic models only, importable without torch.

Masks cross the wire as COCO run-length encodings of the whole frame; points and boxes are pixels (x, y) of the
video of record; frames are 0-based indices in it.
"""
