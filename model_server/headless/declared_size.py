"""Frames at hand that are a resized copy of the video the prompts speak of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_server.headless.prompt_file import Size
from model_server.segmenter import FrameSource


@dataclass(frozen=True, slots=True)
class DeclaredSize:
    """A FrameSource whose pictures need not have its size: the network stretches them to its own anyway."""

    frames: FrameSource
    height: int
    width: int

    @classmethod
    def of(cls, frames: FrameSource, size: Size | None) -> FrameSource:
        """The frames themselves where nothing else is declared."""
        return frames if size is None else cls(frames, size.height, size.width)

    @property
    def num_frames(self) -> int:
        """As there are pictures."""
        return self.frames.num_frames

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """(any, any, 3)."""
        return self.frames.rgb(frame_index)
