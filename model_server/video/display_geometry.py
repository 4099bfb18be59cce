"""How a video file asks to be shown: turned upright, with square pixels. The file's own rows are neither."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from model_server.video.reader import FrameReader

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Appearance:
    """From decoded pictures to shown ones: stretch, then transpose, then flip. Sizes in pixels, before transposing."""

    width: int
    height: int
    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @classmethod
    def of(cls, frame: VideoFrame, pixel_aspect: Fraction | None) -> Appearance:
        """Of a video that begins with this frame; `pixel_aspect` is a pixel's width over its height."""
        width, height = _stretched(frame.width, frame.height, pixel_aspect)
        matrix = frame.side_data.get("DISPLAYMATRIX")
        if matrix is None:
            return cls(width, height)
        # A stored point (x, y) is shown at (a x + c y, b x + d y).
        a, b, _, c, d, *_ = struct.unpack("<9i", bytes(matrix)[:36])
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(width, height, flip_rows=d < 0, flip_columns=a < 0)
        return cls(width, height, transpose=True, flip_rows=b < 0, flip_columns=c < 0)

    @property
    def shown_size(self) -> tuple[int, int]:
        """(height, width)."""
        return (self.width, self.height) if self.transpose else (self.height, self.width)

    def apply(self, picture: Picture) -> Picture:
        """(H, W, 3) as decoded -> `shown_size`."""
        if picture.shape[:2] != (self.height, self.width):
            resized = Image.fromarray(picture).resize((self.width, self.height), Image.Resampling.BICUBIC)
            picture = np.asarray(resized)
        upright = picture.swapaxes(0, 1) if self.transpose else picture
        return np.ascontiguousarray(upright[:: -1 if self.flip_rows else 1, :: -1 if self.flip_columns else 1])


class ShownFrames:
    """A FrameSource: a reader's frames as they are to be shown."""

    def __init__(self, frames: FrameReader, appearance: Appearance) -> None:
        self._frames = frames
        self._appearance = appearance
        self.num_frames = frames.num_frames
        self.height, self.width = appearance.shown_size

    def rgb(self, frame_index: int) -> Picture:
        """(height, width, 3), as shown."""
        return self._appearance.apply(self._frames.rgb(frame_index))


def _stretched(width: int, height: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """Square pixels by stretching one side, never by shrinking: no detail is lost. Even, as a video of record is."""
    if not pixel_aspect or pixel_aspect == 1:
        return width, height
    wide = float(width * max(pixel_aspect, Fraction(1)))
    high = float(height * max(1 / pixel_aspect, Fraction(1)))
    return max(2, 2 * round(wide / 2)), max(2, 2 * round(high / 2))
