"""A binary PNG per object and frame: `JPEGImages/{video}/00000.jpg` and `Annotations/{video}/{object}/00000.png`.

SA-V's validation set lies like this. A pixel is 255 inside the object and 0 outside; a frame's name is its index in the
video. A frame on which the object is absent has an empty picture, and one on which it was never tracked has none.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from backend.datasets.formats.format import ExportedFile, ExportedMask, ExportedVideo, WrittenObject, WrittenVideo
from backend.datasets.formats.run_lengths import pixels_of


class ObjectMasks:
    """Implements both ExportFormat and DatasetWriter, because every video is written on its own."""

    name = "object_masks"
    title = "Binary PNG per object"
    version = 1
    loses = (
        "Masks are whole, overlaps included, but frames are compressed again as JPEG, and only the manifest has names."
    )
    object_ids = "The object's number in its video, which no deletion changes. Its folder is called by it."
    every_frame = True
    needs_pictures = True

    def writer(self, _folder: Path) -> "ObjectMasks":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets}
        return WrittenVideo(video.code, _files(video), objects)

    def finish(self) -> Sequence[ExportedFile]:
        return ()


def _files(video: ExportedVideo) -> Iterator[ExportedFile]:
    for frame in video.frames:
        yield ExportedFile(f"JPEGImages/{video.code}/{frame:05d}.jpg", video.pictures[frame])
    for masklet in video.masklets:
        for frame in video.frames:
            if (mask := masklet.masks.get(frame)) is not None:
                name = f"Annotations/{video.code}/{masklet.number:03d}/{frame:05d}.png"
                yield ExportedFile(name, _png(mask, video))


def _png(mask: ExportedMask, video: ExportedVideo) -> bytes:
    pixels = pixels_of(mask, video).astype(np.uint8) * 255
    written = io.BytesIO()
    Image.frombytes("L", (video.width, video.height), pixels.tobytes()).save(written, "PNG")
    return written.getvalue()
