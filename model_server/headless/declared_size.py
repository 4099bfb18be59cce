"""Frames that are a resized copy of the video on which the prompts were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_server.headless.prompt_file import Size
from model_server.segmenter import FrameSource


@dataclass(frozen=True, slots=True)
class DeclaredSize:
    """A FrameSource of the declared size. Its frames may have another: the network resizes them anyway."""

    frames: FrameSource
    height: int
    width: int

    @classmethod
    def of(cls, frames: FrameSource, size: Size | None) -> FrameSource:
        """The frames with the declared size; the frames themselves if none was declared."""
        return frames if size is None else cls(frames, size.height, size.width)

    @property
    def num_frames(self) -> int:
        """As many as there are frames."""
        return self.frames.num_frames

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """One frame, (any height, any width, 3) uint8 RGB."""
        return self.frames.rgb(frame_index)
