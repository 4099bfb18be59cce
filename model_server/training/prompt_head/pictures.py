"""Pictures of objects, and what the trunk sees in them: encoded once, kept beside the pictures, trained on many times.

Shapes: S pixels of a square picture, K objects of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LEAST_PIXELS = 40
"""Objects of which less is to be seen are not asked for."""
FEATURES = "features"
STRIDES = ("stride4", "stride8", "stride16")
REPORT_EVERY = 100

Trunk = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """A picture as the trunk sees it, and its objects."""

    levels: tuple[Tensor, Tensor, Tensor]  # (C, S / stride, S / stride) float16 at strides 4, 8 and 16
    pixels: Tensor  # (3, S, S) uint8 RGB
    objects: NDArray[np.bool_]  # (K, S, S), each of LEAST_PIXELS at least


class PictureFolder:
    """The pictures of a folder, as `model_server.footage.composites` writes them, that show an object."""

    def __init__(self, folder: Path, trunk: Trunk) -> None:
        """Encode what is not encoded yet; can be interrupted. Raises ValueError if no picture shows an object."""
        paths = sorted(folder.glob("*.npz"))
        (folder / FEATURES).mkdir(exist_ok=True)
        self._paths: list[Path] = []
        for number, path in enumerate(paths, start=1):
            rgb, objects = _read(path)
            if not len(objects):
                continue
            self._paths.append(path)
            if not _is_encoded(path):
                _encode(path, rgb, trunk)
                if number % REPORT_EVERY == 0 or number == len(paths):
                    print(f"{folder.name}: {number}/{len(paths)} pictures encoded", flush=True)
        if not self._paths:
            raise ValueError(f"no picture in {folder} shows an object of {LEAST_PIXELS} pixels")

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> SeenPicture:
        path = self._paths[index]
        rgb, objects = _read(path)
        with np.load(_features(path)) as stored:
            stride4, stride8, stride16 = (torch.as_tensor(stored[name]) for name in STRIDES)
        return SeenPicture((stride4, stride8, stride16), torch.as_tensor(rgb).permute(2, 0, 1), objects)


def _read(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(S, S, 3) RGB and (K, S, S) objects."""
    with np.load(path) as stored:
        rgb, bits = stored["rgb"], stored["objects"]
    objects = np.unpackbits(bits[None], axis=0, bitorder="little").astype(bool)
    return rgb, objects[objects.sum(axis=(1, 2)) >= LEAST_PIXELS]


def _features(path: Path) -> Path:
    return path.parent / FEATURES / path.name


def _is_encoded(path: Path) -> bool:
    """Whether there are features, and younger than the picture."""
    features = _features(path)
    return features.exists() and features.stat().st_mtime >= path.stat().st_mtime


@torch.inference_mode()
def _encode(path: Path, rgb: NDArray[np.uint8], trunk: Trunk) -> None:
    pixels = torch.as_tensor(rgb).permute(2, 0, 1)[None].float()
    levels = trunk(pixels.contiguous(memory_format=torch.channels_last))
    features = _features(path)
    partial = features.with_suffix(".partial")
    arrays = {name: level[0].half().contiguous().numpy() for name, level in zip(STRIDES, levels, strict=True)}
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType] - numpy mistakes the arrays for its flags
    os.replace(partial, features)
