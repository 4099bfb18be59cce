"""Frames stretched to the network's input as the released predictor does it, with Pillow, to the bit.

Our own way is faster, and a level or two off in three of a thousand values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_server.segmenter import FrameSource


@dataclass(frozen=True, slots=True)
class StretchedFrames:
    """A FrameSource of the same size, whose pictures are `side` x `side` pixels."""

    frames: FrameSource
    side: int

    @property
    def num_frames(self) -> int:
        """As before."""
        return self.frames.num_frames

    @property
    def height(self) -> int:
        """Of the video, not of its pictures."""
        return self.frames.height

    @property
    def width(self) -> int:
        """Of the video, not of its pictures."""
        return self.frames.width

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """(side, side, 3)."""
        picture = Image.fromarray(self.frames.rgb(frame_index))
        return np.asarray(picture.resize((self.side, self.side), Image.Resampling.BICUBIC))
