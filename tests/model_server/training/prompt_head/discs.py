"""Pictures of 64 pixels for the prompt head: bright discs on a dark, uneven ground."""

from pathlib import Path

import numpy as np

from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.training.prompt_head.pictures import PictureFolder
from tests.model_server.models.loom.trunk.published import published_weights

SIDE = 64


def write_discs(folder: Path, count: int, seed: int = 0) -> None:
    folder.mkdir()
    y, x = np.mgrid[:SIDE, :SIDE]
    for number in range(count):
        random = np.random.default_rng([seed, number])
        rgb = random.integers(20, 70, (SIDE, SIDE, 3)).astype(np.uint8)
        bits = np.zeros((SIDE, SIDE), np.uint8)
        for bit, middle in enumerate((18, 46)):
            disc = (x - middle - random.integers(-4, 5)) ** 2 + (y - 32 - random.integers(-9, 10)) ** 2 <= 11**2
            rgb[disc] = random.integers(150, 250, 3)
            bits[disc] = 1 << bit
        np.savez_compressed(folder / f"{number:05}.npz", rgb=rgb, objects=bits)


def discs(folder: Path, count: int = 6, seed: int = 0) -> PictureFolder:
    write_discs(folder, count, seed)
    return PictureFolder(folder, EfficientNetLite(published_weights()))
