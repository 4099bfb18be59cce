"""What training exchanges with a network built on SAM 2 that tracks or learns in its own way.

Shapes: B clips of T frames, K objects of each, N = B * K objects, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from model_server.models.sam2.memory import MemoryRules, Selection
from model_server.models.sam2.network.prediction import ImageFeatures


@dataclass(frozen=True, slots=True)
class TrackedPast:
    """The context in which training tracks one frame of a batch of clips."""

    features: ImageFeatures
    """Features of all B * T frames, clip by clip."""
    num_frames: int
    frame_index: int
    selection: Selection
    """What memory attention attends to on this frame."""
    rules: MemoryRules
    shares: Callable[[int], Tensor]
    """Frame index -> the masks (N, 1, 4h, 4w), in 0..1, of an earlier frame."""


@dataclass(frozen=True, slots=True)
class AuxiliaryTask:
    """Masks predicted by a part of the network that the decoder's losses do not reach, one entry per frame."""

    logits: Sequence[Tensor]  # each (N, 1, 4h, 4w)
    targets: Sequence[Tensor]  # each (N, 1, 4h, 4w) bool
