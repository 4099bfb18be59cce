"""What is kept of frames far from the one being worked on: mask and pointer, a kilobyte together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_server.masks import rle
from model_server.segmenter import Mask


@dataclass(frozen=True, slots=True)
class PackedMask:
    """A mask as run lengths, at whatever size it was made: some hundred bytes instead of a byte per pixel."""

    height: int
    width: int
    counts: str

    @classmethod
    def pack(cls, mask: Mask) -> PackedMask:
        """(height, width) bool."""
        return cls(mask.shape[0], mask.shape[1], rle.encode(mask))

    def unpack(self) -> Mask:
        """(height, width) bool."""
        return rle.decode(self.counts, height=self.height, width=self.width)


@dataclass(frozen=True, slots=True)
class ShelvedPointer:
    """A pointer in a block of its bank's shelf."""

    block: NDArray[np.float32]  # (rows, C)
    row: int

    @property
    def num_bytes(self) -> int:
        """Of its numbers."""
        return self.block.shape[1] * self.block.itemsize

    def tensor(self, device: torch.device) -> Tensor:
        """(1, C)."""
        return torch.as_tensor(self.block[self.row : self.row + 1]).to(device)


class PointerShelf:
    """The pointers of frames that were shed, side by side.

    As a tensor or an array of its own, each would stay among the large arrays that come and go with every frame, and
    hold a page of the heap that the system cannot have back: in ten minutes of video 200 MB. Even a view has its shape
    there.
    """

    ROWS = 256

    def __init__(self) -> None:
        self._block: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._used = 0

    def keep(self, pointer: NDArray[np.float32]) -> ShelvedPointer:
        """A copy of (1, C). A block is freed once nobody needs any of its pointers."""
        if self._used == len(self._block) or self._block.shape[1] != pointer.shape[1]:
            self._block, self._used = np.empty((self.ROWS, pointer.shape[1]), np.float32), 0
        self._block[self._used] = pointer[0]
        self._used += 1
        return ShelvedPointer(self._block, self._used - 1)
