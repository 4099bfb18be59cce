"""`python -m model_server.footage.composites VIDEO... --out FOLDER`: pictures to train the prompt head on.

Boxed objects are cut out once. A picture shows some of them in place, or pasted onto frames of the videos: turned,
scaled, relit, hiding each other. Every picture is a function of seed and number.

Files: `NNNNN.npz` with `rgb` (SIDE, SIDE, 3) uint8 and `objects` (SIDE, SIDE) uint8, in which bit k is object k.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_server.footage.__main__ import BOXES
from model_server.footage.boxed_objects import (
    SIDE,
    BoxedFrame,
    Light,
    Mask,
    Rgb,
    appearance_of,
    blurred,
    boxed_videos,
    relit,
    write_drawn,
)

MOST_OBJECTS = 6
LEAST_PIXELS = 40
IN_PLACE = 0.45
"""Share of the pictures that show objects where they were filmed."""
LEAST_WINDOW = 0.35
"""Smallest side of a window of a frame, relative to the frame."""
SCALES = (0.05, 0.8)
"""Longer side of a pasted object, relative to the picture."""
BACKGROUNDS = 24
"""Frames of each video that objects are pasted onto."""


@dataclass(frozen=True, slots=True)
class Footage:
    """What pictures are made of."""

    boxed: list[BoxedFrame]
    backgrounds: list[Rgb]


def main() -> None:
    """Parse the command line and write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m model_server.footage.composites", description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--boxes", type=Path, default=BOXES, help="JSON: video name -> frame -> boxes drawn by hand")
    parser.add_argument("--count", type=int, default=2600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    footage = read_footage(arguments.videos, json.loads(arguments.boxes.read_text()))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.count):
        rgb, objects = picture(footage, np.random.default_rng([arguments.seed, number]))
        write_drawn(arguments.out, number, rgb, objects)
    print(f"{arguments.count} pictures of {sum(len(frame.objects) for frame in footage.boxed)} objects", flush=True)


def read_footage(videos: Sequence[Path], boxes: dict[str, dict[str, list[list[float]]]]) -> Footage:
    """Decode the videos and cut out their boxed objects. Raises ValueError if none of them has a box."""
    footage = Footage([], [])
    for frames, boxed in boxed_videos(videos, boxes):
        footage.boxed.extend(boxed)
        chosen = np.linspace(0, len(frames) - 1, min(BACKGROUNDS, len(frames))).astype(int)
        footage.backgrounds.extend([frames[int(index)] for index in chosen])
    return footage


def picture(footage: Footage, random: Generator) -> tuple[Rgb, list[Mask]]:
    """One picture and its objects, (SIDE, SIDE) each, as far as they can be seen; at least one."""
    while True:
        if random.random() < IN_PLACE:
            canvas, objects = _in_place(footage, random)
            pasted = int(random.integers(0, 3))
        else:
            frame = footage.backgrounds[int(random.integers(len(footage.backgrounds)))]
            canvas, objects = _window([frame], random, None)[0], list[Mask]()
            pasted = int(random.integers(2, 6))
        light = relit(canvas, random) if random.random() < 0.7 else canvas.astype(np.float32)
        for _ in range(pasted):
            light, objects = _pasted(light, objects, footage, random)
        seen = [mask for mask in objects if mask.sum() >= LEAST_PIXELS]
        if seen:
            return _photographed(light, random), seen[-MOST_OBJECTS:]


def _in_place(footage: Footage, random: Generator) -> tuple[Rgb, list[Mask]]:
    """A window of a boxed frame, around one of its objects, and all of its objects."""
    frames = [frame for frame in footage.boxed if frame.objects]
    frame = frames[int(random.integers(len(frames)))]
    rows, columns = np.nonzero(frame.objects[int(random.integers(len(frame.objects)))])
    around = float(rows.mean()), float(columns.mean())
    rgb, *masks = _window([frame.rgb, *(mask.astype(np.uint8) for mask in frame.objects)], random, around)
    return rgb, [mask > 0 for mask in masks]


def _window(layers: Sequence[Rgb], random: Generator, around: tuple[float, float] | None) -> list[Rgb]:
    """The same window of all layers, stretched to a square; mirrored half of the time."""
    height, width = layers[0].shape[:2]
    share = math.exp(random.uniform(math.log(LEAST_WINDOW), 0)) if random.random() < 0.6 else 1.0
    aspect = math.exp(random.uniform(-0.35, 0.35)) if share < 1 else 1.0
    size = min(height, max(32, int(height * share * aspect))), min(width, max(32, int(width * share / aspect)))
    top, left = (
        _start(length, side, random, None if around is None else around[axis])
        for axis, (length, side) in enumerate(zip(size, (height, width), strict=True))
    )
    how = cv2.INTER_AREA if size[1] > SIDE else cv2.INTER_LINEAR
    cut = [np.ascontiguousarray(layer[top : top + size[0], left : left + size[1]]) for layer in layers]
    stretched = [cv2.resize(layer, (SIDE, SIDE), interpolation=how).astype(np.uint8) for layer in cut]
    return [np.ascontiguousarray(layer[:, ::-1]) for layer in stretched] if random.random() < 0.5 else stretched


def _start(length: int, side: int, random: Generator, middle: float | None) -> int:
    """Where an interval of `length` begins within `side`: anywhere, or roughly around `middle`."""
    if middle is None:
        return int(random.integers(0, side - length + 1))
    return min(max(int(random.normal(middle - length / 2, 0.25 * length)), 0), side - length)


def _pasted(canvas: Light, objects: list[Mask], footage: Footage, random: Generator) -> tuple[Light, list[Mask]]:
    """Another object on top, and what is left to be seen of those before it."""
    choices = [(frame.rgb, mask) for frame in footage.boxed for mask in frame.objects]
    rgb, mask = choices[int(random.integers(len(choices)))]
    appearance = appearance_of(rgb, mask)
    surface = relit(appearance.rgb, random) if random.random() < 0.7 else appearance.rgb.astype(np.float32)
    scale = SIDE * math.exp(random.uniform(math.log(SCALES[0]), math.log(SCALES[1]))) / max(appearance.cover.shape)
    surface, cover = blurred(surface, scale), blurred(appearance.cover, scale)
    warp = _warp(cover.shape[0], cover.shape[1], float(scale), random)
    moved = cv2.warpAffine(surface, warp, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    covered = cv2.warpAffine(cover, warp, (SIDE, SIDE)).astype(np.float32)
    if covered.max() < 0.5:
        return canvas, objects
    alpha = cv2.GaussianBlur(covered, (0, 0), random.uniform(0.4, 1.2)).astype(np.float32)[..., None]
    hides = covered > 0.5
    mixed = (canvas * (1 - alpha) + moved * alpha).astype(np.float32)
    return mixed, [*(other & ~hides for other in objects), hides]


def _warp(height: int, width: int, scale: float, random: Generator) -> NDArray[np.float32]:
    """(2, 3) matrix that turns, stretches, mirrors and moves a picture of this size somewhere onto the canvas."""
    angle = np.radians(random.normal(0, 20)) if random.random() < 0.7 else 0.0
    stretch = math.exp(random.normal(0, 0.15))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([scale * stretch * random.choice([-1, 1]), scale / stretch])
    centre = np.array([width / 2, height / 2])
    return np.hstack([linear, (random.uniform(0, SIDE, 2) - linear @ centre)[:, None]]).astype(np.float32)


def _photographed(light: Light, random: Generator) -> Rgb:
    """Blurred, noisy and compressed, each now and then."""
    if random.random() < 0.2:
        light = cv2.GaussianBlur(light, (0, 0), random.uniform(0.5, 1.5)).astype(np.float32)
    noisy = np.clip(light + random.normal(0, random.uniform(0, 5), light.shape), 0, 255).astype(np.uint8)
    if random.random() < 0.3:
        _, coded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, int(random.uniform(40, 90))])
        noisy = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return noisy


if __name__ == "__main__":
    main()
