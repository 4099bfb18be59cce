"""Frames for measuring with networks that were never trained: texture that drifts, the same for everyone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_server.segmenter import Click

_CELLS = 32


@dataclass(frozen=True)
class NoiseClip:
    """A FrameSource whose pictures are the network's input size already, of a video that is `height` x `width`."""

    input_size: int
    num_frames: int
    height: int = 480
    width: int = 854

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        colours = np.random.default_rng(3).integers(0, 255, (_CELLS, _CELLS, 3), np.uint8)
        cell = self.input_size // _CELLS
        texture = colours.repeat(cell, axis=0).repeat(cell, axis=1)
        return np.roll(texture, (3 * frame_index, 5 * frame_index), (0, 1))

    def clicks(self, num_objects: int) -> list[Click]:
        """One for each object, spread over the first frame."""
        places = np.random.default_rng(5).uniform(0.1, 0.9, (num_objects, 2))
        return [Click(float(x * self.width), float(y * self.height), positive=True) for x, y in places]
