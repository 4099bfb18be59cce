"""The display geometry of a video file: upright and with square pixels, which its decoded frames need not be."""

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
class DisplayGeometry:
    """From decoded frames to displayed ones: stretch, transpose, flip. `width` and `height` hold before transposing."""

    width: int
    height: int
    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @classmethod
    def of(cls, frame: VideoFrame, pixel_aspect: Fraction | None) -> DisplayGeometry:
        """For a video that begins with this frame; `pixel_aspect` is a pixel's width over its height."""
        width, height = _stretched(frame.width, frame.height, pixel_aspect)
        matrix = frame.side_data.get("DISPLAYMATRIX")
        if matrix is None:
            return cls(width, height)
        # A decoded point (x, y) is displayed at (a x + c y, b x + d y).
        a, b, _, c, d, *_ = struct.unpack("<9i", bytes(matrix)[:36])
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(width, height, flip_rows=d < 0, flip_columns=a < 0)
        return cls(width, height, transpose=True, flip_rows=b < 0, flip_columns=c < 0)

    @property
    def displayed_size(self) -> tuple[int, int]:
        """(height, width) of displayed frames, in pixels."""
        return (self.width, self.height) if self.transpose else (self.height, self.width)

    def apply(self, picture: Picture) -> Picture:
        """(H, W, 3) uint8 as decoded -> the frame as displayed, of `displayed_size`."""
        if picture.shape[:2] != (self.height, self.width):
            resized = Image.fromarray(picture).resize((self.width, self.height), Image.Resampling.BICUBIC)
            picture = np.asarray(resized)
        upright = picture.swapaxes(0, 1) if self.transpose else picture
        return np.ascontiguousarray(upright[:: -1 if self.flip_rows else 1, :: -1 if self.flip_columns else 1])


class DisplayedFrames:
    """A FrameSource of a reader's frames as they are displayed."""

    def __init__(self, frames: FrameReader, geometry: DisplayGeometry) -> None:
        self._frames = frames
        self._geometry = geometry
        self.num_frames = frames.num_frames
        self.height, self.width = geometry.displayed_size

    def rgb(self, frame_index: int) -> Picture:
        """One frame as displayed, (height, width, 3) uint8 RGB."""
        return self._geometry.apply(self._frames.rgb(frame_index))


def _stretched(width: int, height: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """(width, height) with square pixels: one side is stretched and none shrunk, so that no detail is lost.

    Both are even, as in a video of record.
    """
    if not pixel_aspect or pixel_aspect == 1:
        return width, height
    wide = float(width * max(pixel_aspect, Fraction(1)))
    high = float(height * max(1 / pixel_aspect, Fraction(1)))
    return max(2, 2 * round(wide / 2)), max(2, 2 * round(high / 2))
