"""A training clip, and a batch of them.

Shapes: B clips, T frames, K target objects per clip, H = W pixels of the square training frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model_server.models.sam2.network.prediction import ImageFeatures


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip; every target is visible on the first frame."""

    frames: np.ndarray  # (T, 3, H, W) float32 RGB in [0, 1]
    masks: np.ndarray  # (T, K, H, W) bool, visible pixels only; all False if the object is absent


@dataclass(frozen=True, slots=True)
class ClipBatch:
    """Clips stacked for one training step."""

    frames: Tensor  # (B, T, 3, H, W) float32 RGB in [0, 1]; H = W = 0 if there are features instead
    masks: Tensor  # (B, T, K, H, W) bool
    features: ImageFeatures | None = None  # of the B * T frames, clip by clip, if they are already encoded

    def turned(self, quarter_turns: int, mirrored: bool) -> ClipBatch:
        """The same clips in one of the eight orientations of the square. Raises ValueError for encoded clips."""
        if self.features is not None:
            raise ValueError("the features of a turned frame are not the frame's features, turned")
        frames, masks = (torch.rot90(pixels, quarter_turns, (-2, -1)) for pixels in (self.frames, self.masks))
        if mirrored:
            frames, masks = frames.flip(-1), masks.flip(-1)
        return ClipBatch(frames.contiguous(), masks.contiguous())

    def to(self, device: torch.device) -> ClipBatch:
        """The same clips on a device."""
        frames, masks = (pixels.to(device, non_blocking=True) for pixels in (self.frames, self.masks))
        return ClipBatch(frames, masks, None if self.features is None else self.features.to(device))

    @classmethod
    def stack(cls, clips: list[Clip]) -> ClipBatch:
        """Batch clips of one length and one size."""
        frames = torch.as_tensor(np.stack([clip.frames for clip in clips]))
        masks = torch.as_tensor(np.stack([clip.masks for clip in clips]))
        return cls(frames=frames, masks=masks)
