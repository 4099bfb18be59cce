"""A mask a picture: 255 inside the object and 0 outside."""

import io
from collections.abc import Iterator, Mapping
from uuid import UUID

import numpy as np
from PIL import Image

from backend.datasets.formats.format import ExportedFile, ExportedMask, ExportedVideo
from backend.datasets.formats.parts.run_lengths import pixels_of


def binary_pictures(video: ExportedVideo, folders: Mapping[UUID, str]) -> Iterator[ExportedFile]:
    """A PNG for each known mask, also an empty one, in its object's folder. Unknown frames have none."""
    for masklet in video.masklets:
        for frame in video.frames:
            if (mask := masklet.masks.get(frame)) is not None:
                yield ExportedFile(f"{folders[masklet.id]}/{frame:05d}.png", _png(mask, video))


def _png(mask: ExportedMask, video: ExportedVideo) -> bytes:
    pixels = pixels_of(mask, video).astype(np.uint8) * 255
    written = io.BytesIO()
    Image.frombytes("L", (video.width, video.height), pixels.tobytes()).save(written, "PNG")
    return written.getvalue()
