"""Clips of moving objects, as `model_server.footage.moving_composites` draws them, and parts of them.

Shapes: T frames of S pixels, K objects, H x W = S / 4 x S / 4 cells, N of the frames in a lesson.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_server.training.parts.seen_folder import Seen, SeenFolder

CELL = 4
"""Pixels of a cell."""
LEAST_PIXELS = 40
"""Objects of which less is to be seen on the first frame are not carried."""


class MovingObjects(SeenFolder):
    """The clips of a folder that show an object on their first frame."""

    def is_asked_for(self, objects: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(K, T, S, S) objects -> (K,)."""
        return objects[:, 0].sum(axis=(1, 2)) >= LEAST_PIXELS


@dataclass(frozen=True, slots=True)
class Passage:
    """Some frames of a clip, in order."""

    levels: Sequence[Tensor]  # (N, C, S / stride, S / stride) at strides 4, 8 and 16
    shares: Tensor  # (N, K, H, W) share of each cell that an object covers


def passage_of(clip: Seen, frames: Sequence[int]) -> Passage:
    """These frames of a clip."""
    chosen = list(frames)
    objects = torch.as_tensor(clip.objects[:, chosen]).transpose(0, 1).float()
    return Passage([level[chosen].float() for level in clip.levels], functional.avg_pool2d(objects, CELL))
