"""Drawn pictures or clips, and what the trunk sees in them: encoded once, kept beside them, trained on many times.

Shapes: S pixels of a square frame, K objects; `...` is nothing for a picture, and T frames for a clip.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

FEATURES = "features"
STRIDES = ("stride4", "stride8", "stride16")
REPORT_EVERY = 100

Trunk = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture or clip as the trunk sees it, and its objects."""

    levels: tuple[Tensor, Tensor, Tensor]  # (..., C, S / stride, S / stride) float16 at strides 4, 8 and 16
    pixels: Tensor  # (..., 3, S, S) uint8 RGB
    objects: NDArray[np.bool_]  # (K, ..., S, S)


class SeenFolder(ABC):
    """The files of a folder, as `model_server.footage` draws them, that show an object to train on."""

    def __init__(self, folder: Path, trunk: Trunk) -> None:
        """Encode what is not encoded yet; can be interrupted. Raises ValueError if no file shows an object."""
        paths = sorted(folder.glob("*.npz"))
        (folder / FEATURES).mkdir(exist_ok=True)
        self._paths: list[Path] = []
        for number, path in enumerate(paths, start=1):
            if not len(self._objects(path)):
                continue
            self._paths.append(path)
            if not _is_encoded(path):
                _encode(path, trunk)
                if number % REPORT_EVERY == 0 or number == len(paths):
                    print(f"{folder.name}: {number}/{len(paths)} encoded", flush=True)
        if not self._paths:
            raise ValueError(f"nothing in {folder} shows an object large enough to train on")

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Seen:
        path = self._paths[index]
        with np.load(_features(path)) as stored:
            stride4, stride8, stride16 = (torch.as_tensor(stored[name]) for name in STRIDES)
        return Seen((stride4, stride8, stride16), _pixels(path), self._objects(path))

    @abstractmethod
    def is_asked_for(self, objects: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(K, ..., S, S) objects -> (K,) whether enough is to be seen of each."""

    def _objects(self, path: Path) -> NDArray[np.bool_]:
        with np.load(path) as stored:
            bits = stored["objects"]
        objects = np.unpackbits(bits[None], axis=0, bitorder="little").astype(bool)
        return objects[self.is_asked_for(objects)]


def _pixels(path: Path) -> Tensor:
    with np.load(path) as stored:
        return torch.as_tensor(stored["rgb"]).movedim(-1, -3)


def _features(path: Path) -> Path:
    return path.parent / FEATURES / path.name


def _is_encoded(path: Path) -> bool:
    """Whether there are features, and younger than the file."""
    features = _features(path)
    return features.exists() and features.stat().st_mtime >= path.stat().st_mtime


@torch.inference_mode()
def _encode(path: Path, trunk: Trunk) -> None:
    pixels = _pixels(path).float()
    frames = pixels.reshape(-1, *pixels.shape[-3:])
    levels = trunk(frames.contiguous(memory_format=torch.channels_last))
    arrays = {
        name: level.half().reshape(*pixels.shape[:-3], *level.shape[1:]).contiguous().numpy()
        for name, level in zip(STRIDES, levels, strict=True)
    }
    features = _features(path)
    partial = features.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType] - numpy mistakes the arrays for its flags
    os.replace(partial, features)
