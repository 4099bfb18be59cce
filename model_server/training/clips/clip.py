"""What a generated training clip is.

Shapes: B clips, T frames, K target objects per clip, H = W pixels of the square training frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip; every target is visible on the first frame."""

    frames: np.ndarray  # (T, 3, H, W) float32 RGB in [0, 1]
    masks: np.ndarray  # (T, K, H, W) bool, visible pixels only; all False where the object is absent


@dataclass(frozen=True, slots=True)
class ClipBatch:
    """Clips stacked for one training step."""

    frames: Tensor  # (B, T, 3, H, W) float32 RGB in [0, 1]
    masks: Tensor  # (B, T, K, H, W) bool

    def turned(self, quarter_turns: int, mirrored: bool) -> ClipBatch:
        """The same clips in one of the eight orientations of the square."""
        frames, masks = (torch.rot90(pixels, quarter_turns, (-2, -1)) for pixels in (self.frames, self.masks))
        if mirrored:
            frames, masks = frames.flip(-1), masks.flip(-1)
        return ClipBatch(frames.contiguous(), masks.contiguous())

    def to(self, device: torch.device) -> ClipBatch:
        """The same clips on a device."""
        return ClipBatch(self.frames.to(device, non_blocking=True), self.masks.to(device, non_blocking=True))

    @classmethod
    def stack(cls, clips: list[Clip]) -> ClipBatch:
        """Batch clips of one length and one size."""
        frames = torch.from_numpy(np.stack([clip.frames for clip in clips]))
        masks = torch.from_numpy(np.stack([clip.masks for clip in clips]))
        return cls(frames=frames, masks=masks)
