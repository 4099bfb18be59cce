"""`python -m model_server.footage.moving_composites VIDEO... --out FOLDER`: clips to train the neck on.

Boxed objects are cut out once. A clip is a window of a real video, as it was filmed, before which some of them move,
turn, grow, bend, fade and hide each other. Every clip is a function of seed and number.

Files: `NNNNN.npz` with `rgb` (LENGTH, SIDE, SIDE, 3) uint8 and `objects` (LENGTH, SIDE, SIDE) uint8, in which bit k is
object k. Each object is seen on the first frame.
"""

from __future__ import annotations

import argparse
import json
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
    Appearance,
    Light,
    Mask,
    Rgb,
    appearance_of,
    boxed_videos,
    write_drawn,
)
from model_server.footage.moving_cutouts import MovingCutout, figure_of, moving_cutout

LENGTH = 6
"""Frames of a clip."""
MOST_FRAMES = 400
"""Of each video; the rest is not shown."""
CONSECUTIVE = 0.5
"""Share of the clips of evenly spaced frames; in the others, the later frames come after a gap."""
STEPS = (1, 4)
"""Frames from one to the next of evenly spaced ones, the end excluded."""
GAPS, LATER_STEPS = (6, 40), (1, 3)
"""Frames of a gap, and from one to the next after it, ends excluded."""
BACKWARDS = 0.5
"""Share of the consecutive clips that run backwards."""
WINDOWS = (0.5, 1.0)
"""Sides of the window, relative to the frame."""
PANNING, PAN = 0.4, 1.2
"""Share of the clips whose window moves, and standard deviation of how far per frame, in pixels of the video."""
NUM_CUTOUTS = (3, 6)
"""Objects of a clip, the end excluded."""
LOOK_ALIKES = 0.15
"""Share of the objects that look like the one before."""
NOISE = 2.0
"""Standard deviation of the noise of a pixel."""
LEAST_PIXELS, LEAST_FRAMES = 150, 2
"""Pixels of an object on the first frame, and later frames on which it is seen, for it to be followed."""


@dataclass(frozen=True, slots=True)
class ClipFootage:
    """What clips are made of."""

    videos: list[list[Rgb]]
    appearances: list[Appearance]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The window of a video before which a clip is played."""

    frames: list[Rgb]  # one for each of the clip's
    size: tuple[int, int]  # height and width of the window
    corner: NDArray[np.float64]  # (2,) top and left at time 0
    pan: NDArray[np.float64]  # (2,) rows and columns per frame of the video
    mirrored: bool

    def canvas(self, number: int, time: int) -> Light:
        """(SIDE, SIDE, 3) what is behind the objects on a frame of the clip."""
        frame, (height, width) = self.frames[number], self.size
        most = np.array(frame.shape[:2]) - self.size
        top, left = (self.corner + self.pan * time).clip(0, most).astype(int)
        window = cv2.resize(frame[top : top + height, left : left + width], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(window[:, ::-1] if self.mirrored else window).astype(np.float32)


def main() -> None:
    """Parse the command line and write the clips."""
    parser = argparse.ArgumentParser(prog="python -m model_server.footage.moving_composites", description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--boxes", type=Path, default=BOXES, help="JSON: video name -> frame -> boxes drawn by hand")
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    footage = read_clip_footage(arguments.videos, json.loads(arguments.boxes.read_text()))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.count):
        rgb, objects = moving_clip(footage, np.random.default_rng([arguments.seed, number]))
        write_drawn(arguments.out, number, rgb, objects)
    print(f"{arguments.count} clips of {len(footage.appearances)} objects", flush=True)


def read_clip_footage(videos: Sequence[Path], boxes: dict[str, dict[str, list[list[float]]]]) -> ClipFootage:
    """Decode the videos and cut out their boxed objects. Raises ValueError if none of them has a box."""
    footage = ClipFootage([], [])
    for frames, boxed in boxed_videos(videos, boxes):
        footage.appearances.extend(appearance_of(frame.rgb, mask) for frame in boxed for mask in frame.objects)
        footage.videos.append(frames[:MOST_FRAMES])
    return footage


def moving_clip(footage: ClipFootage, random: Generator) -> tuple[Rgb, list[Mask]]:
    """(LENGTH, SIDE, SIDE, 3) frames and, for each object to follow, (LENGTH, SIDE, SIDE) of it that is seen."""
    while True:
        times = _times(random)
        backdrop = _backdrop(footage.videos[int(random.integers(len(footage.videos)))], times, random)
        rgb, objects = _played(backdrop, _cutouts(footage.appearances, random), times, random)
        followed = [mask for mask in objects if _can_be_followed(mask)]
        if followed:
            return rgb, followed


def _times(random: Generator) -> list[int]:
    """The moments of a clip, in frames of the video."""
    if random.random() < CONSECUTIVE:
        times = np.arange(LENGTH) * random.integers(*STEPS)
        return (times[::-1] if random.random() < BACKWARDS else times).tolist()
    gap = random.integers(*GAPS)
    return [0, *(gap + np.arange(LENGTH - 1) * random.integers(*LATER_STEPS)).tolist()]


def _backdrop(video: list[Rgb], times: Sequence[int], random: Generator) -> Backdrop:
    start = int(random.integers(0, max(1, len(video) - max(times) - 1)))
    frames = [video[min(start + time, len(video) - 1)] for time in times]
    sides, share = frames[0].shape[:2], random.uniform(*WINDOWS)
    height, width = (int(side * share) for side in sides)
    return Backdrop(
        frames,
        (height, width),
        corner=random.uniform(0, np.subtract(sides, (height, width))),
        pan=random.normal(0, PAN, 2) if random.random() < PANNING else np.zeros(2),
        mirrored=random.random() < 0.5,
    )


def _cutouts(appearances: Sequence[Appearance], random: Generator) -> list[MovingCutout]:
    """The objects of a clip; later ones hide earlier ones."""
    cutouts: list[MovingCutout] = []
    for _ in range(int(random.integers(*NUM_CUTOUTS))):
        if cutouts and random.random() < LOOK_ALIKES:
            figure = cutouts[-1].figure
        else:
            figure = figure_of(appearances[int(random.integers(len(appearances)))], random)
        cutouts.append(moving_cutout(figure, random))
    return cutouts


def _played(
    backdrop: Backdrop, cutouts: Sequence[MovingCutout], times: Sequence[int], random: Generator
) -> tuple[Rgb, list[Mask]]:
    """The frames, and what is seen of each cutout on them."""
    frames: list[Rgb] = []
    seen = [np.zeros((len(times), SIDE, SIDE), np.bool_) for _ in cutouts]
    for number, time in enumerate(times):
        canvas = backdrop.canvas(number, time)
        for index, cutout in enumerate(cutouts):
            hides = cutout.shown(canvas, time)
            for below in seen[:index]:
                below[number] &= ~hides
            seen[index][number] = hides
        noisy = canvas + random.normal(0, NOISE, canvas.shape)
        frames.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(frames), seen


def _can_be_followed(mask: Mask) -> bool:
    return bool(mask[0].sum() >= LEAST_PIXELS and mask[1:].any(axis=(1, 2)).sum() >= LEAST_FRAMES)


if __name__ == "__main__":
    main()
