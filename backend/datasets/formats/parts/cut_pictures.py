"""Objects cut out of their frames: pictures in colour that are transparent around the object."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.datasets.formats.format import ExportedMasklet, ExportedVideo
from backend.datasets.formats.parts.run_lengths import pixels_of

Cut = NDArray[np.uint8]
"""uint8 (height, width, 4): red, green, blue and alpha. Where alpha is 0, all are."""


def visible_range(video: ExportedVideo, masklet: ExportedMasklet) -> range:
    """The frames of the dataset from the first on which it is visible to the last; none, if it never is."""
    visible = [frame for frame in video.frames if (mask := masklet.masks.get(frame)) is not None and mask.area > 0]
    return range(visible[0], visible[-1] + 1, video.stride) if visible else range(0)


def mask_on(video: ExportedVideo, masklet: ExportedMasklet, frame: int) -> NDArray[np.bool_]:
    """bool (height, width); empty where the object is absent or unknown."""
    mask = masklet.masks.get(frame)
    return np.zeros((video.height, video.width), bool) if mask is None else pixels_of(mask, video)


def cut_out(video: ExportedVideo, masklet: ExportedMasklet, frame: int) -> Cut:
    """The object on a frame."""
    mask = mask_on(video, masklet, frame)
    cut = np.zeros((*mask.shape, 4), np.uint8)
    if mask.any():
        cut[mask, :3] = _colours(video, frame)[mask]
        cut[mask, 3] = 255
    return cut


def png(cut: Cut) -> bytes:
    written = io.BytesIO()
    Image.fromarray(cut, "RGBA").save(written, "PNG")
    return written.getvalue()


def _colours(video: ExportedVideo, frame: int) -> NDArray[np.uint8]:
    """uint8 (height, width, 3). The decoder that wrote the file may be taken over: only a PNG of this size is read."""
    picture: Any = Image.open(video.pictures[frame], formats=["PNG"])
    with picture:
        if picture.mode != "RGB" or picture.size != (video.width, video.height):
            raise ValueError(f"frame {frame} of {video.name} is no picture of its size")
        return np.asarray(picture)
