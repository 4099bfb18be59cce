"""What passes between training and a network built on this one, which may track, and learn, in ways of its own.

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
    """What is known of a batch of clips when one of their frames is tracked."""

    features: ImageFeatures
    """Of all B * T frames, clip by clip."""
    num_frames: int
    frame_index: int
    selection: Selection
    """What the frame's memory attention attends to."""
    rules: MemoryRules
    shares: Callable[[int], Tensor]
    """The masks (N, 1, 4h, 4w) in 0..1 that an earlier frame was answered with."""


@dataclass(frozen=True, slots=True)
class AuxiliaryTask:
    """Masks predicted by a part of the network that the decoder's losses do not reach, one entry for each frame."""

    logits: Sequence[Tensor]  # each (N, 1, 4h, 4w)
    targets: Sequence[Tensor]  # each (N, 1, 4h, 4w) bool
