"""Compact storage for the object pointers of frames far from the current one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True)
class ShelvedPointer:
    """An object pointer in a block of the shelf of its bank."""

    block: NDArray[np.float32]  # (rows, C)
    row: int

    @property
    def num_bytes(self) -> int:
        """Bytes of the pointer itself."""
        return self.block.shape[1] * self.block.itemsize

    def tensor(self, device: torch.device) -> Tensor:
        """(1, C) float32 on the device."""
        return torch.as_tensor(self.block[self.row : self.row + 1]).to(device)


class PointerShelf:
    """The object pointers of shed frames, in blocks.

    As a tensor or array of its own, each would lie between the large arrays that are allocated and freed with every
    frame, and keep a page of the heap from being returned to the system: 200 MB in ten minutes of video. Even a view
    allocates its shape there.
    """

    ROWS = 256

    def __init__(self) -> None:
        self._block: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._used = 0

    def keep(self, pointer: NDArray[np.float32]) -> ShelvedPointer:
        """Copy a (1, C) pointer. A block is freed once none of its pointers is in use."""
        if self._used == len(self._block) or self._block.shape[1] != pointer.shape[1]:
            self._block, self._used = np.empty((self.ROWS, pointer.shape[1]), np.float32), 0
        self._block[self._used] = pointer[0]
        self._used += 1
        return ShelvedPointer(self._block, self._used - 1)
