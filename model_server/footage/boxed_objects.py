"""Objects cut out of the frames they were boxed on, and the files of what is drawn with them.

Shapes: H x W pixels of a frame, SIDE x SIDE of a drawn picture, K objects of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_server.footage.__main__ import read_frames
from model_server.footage.cutouts import cut_out

SIDE = 384
"""Side of a drawn picture, in pixels."""
BORDER = 4
"""Pixels around an object that are kept with it."""

Rgb = NDArray[np.uint8]
Light = NDArray[np.float32]
"""Pictures that are still drawn on: RGB, from 0 to 255 and beyond."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BoxedFrame:
    """A frame and the objects cut out of it."""

    rgb: Rgb
    objects: list[Mask]


@dataclass(frozen=True, slots=True)
class Appearance:
    """What an object appearances like, and which of the pixels are its own."""

    rgb: Rgb  # (H, W, 3)
    cover: Light  # (H, W), 0 or 1


def boxed_videos(
    videos: Sequence[Path], boxes: dict[str, dict[str, list[list[float]]]]
) -> Iterator[tuple[list[Rgb], list[BoxedFrame]]]:
    """Decode video after video: its frames, and those that have boxes in `boxes`, video name -> frame -> boxes.

    Raises ValueError in the end if none of them shows a boxed object.
    """
    num_objects = 0
    for video in videos:
        frames = read_frames(video)
        boxed = [_cut(frames[int(index)], listed) for index, listed in boxes.get(video.stem, {}).items()]
        num_objects += sum(len(frame.objects) for frame in boxed)
        yield frames, boxed
    if not num_objects:
        raise ValueError("no object is boxed in these videos")


def appearance_of(rgb: Rgb, mask: Mask) -> Appearance:
    """The part of a frame (H, W, 3) in which an object is seen; a copy."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    part = tuple(slice(max(0, found[0] - BORDER), found[-1] + BORDER + 1) for found in (rows, columns))
    return Appearance(rgb[part].copy(), mask[part].astype(np.float32))


def relit(rgb: Rgb, random: Generator) -> Light:
    """The same in another light: brighter or darker, of other colours."""
    light = rgb.astype(np.float32) * random.uniform(0.75, 1.25) + random.uniform(-20, 20)
    grey = light.mean(axis=2, keepdims=True)
    tinted = (grey + (light - grey) * random.uniform(0.4, 1.4)) * random.uniform(0.93, 1.07, 3)
    return np.clip(tinted, 0, 255).astype(np.float32)


def blurred(layer: Light, scale: float) -> Light:
    """A layer as smooth as it has to be to be shown at this scale."""
    return cv2.GaussianBlur(layer, (0, 0), 0.4 / scale).astype(np.float32) if scale < 0.5 else layer


def write_drawn(folder: Path, number: int, rgb: Rgb, objects: Sequence[Mask]) -> None:
    """Write `NNNNN.npz` with `rgb` (..., SIDE, SIDE, 3) and `objects` (..., SIDE, SIDE) uint8: bit k is object k."""
    bits = np.zeros(rgb.shape[:-1], np.uint8)
    for bit, mask in enumerate(objects):
        bits |= mask.astype(np.uint8) << bit
    np.savez_compressed(folder / f"{number:05}.npz", rgb=rgb, objects=bits)


def _cut(rgb: Rgb, boxes: Sequence[Sequence[float]]) -> BoxedFrame:
    masks = [cut_out(rgb, (x0, y0, x1, y1)) for x0, y0, x1, y1 in boxes]
    return BoxedFrame(rgb, [mask for mask in masks if mask.any()])
