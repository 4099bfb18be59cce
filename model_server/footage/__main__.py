"""`python -m model_server.footage VIDEO... --out textures.npz`: real videos as textures for training.

The file holds single frames (H, W, 3 + L) and short clips (T, H, W, 3 + L), uint8: RGB, then layers of regions (see
`regions`). `model_server.training run --textures` makes clips from them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from model_server.footage.cutouts import Box
from model_server.footage.regions import follow, layers_of

LONGER_SIDE = 384
BOXES = Path(__file__).with_name("boxes.json")
STRIDES = (1, 2, 3)

Boxes = dict[int, list[Box]]  # frame index -> boxes


def main() -> None:
    """Parse the command line and write the file."""
    parser = argparse.ArgumentParser(prog="python -m model_server.footage", description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--boxes", type=Path, default=BOXES, help="JSON: video name -> frame -> boxes drawn by hand")
    parser.add_argument("--frames", type=int, default=60, help="of each video")
    parser.add_argument("--clips", type=int, default=40, help="of each video")
    parser.add_argument("--clip-length", type=int, default=6)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    boxes = json.loads(arguments.boxes.read_text())
    arrays: dict[str, NDArray[np.uint8]] = {}
    for video in arguments.videos:
        boxed: Boxes = {
            int(index): [tuple(box) for box in listed] for index, listed in boxes.get(video.stem, {}).items()
        }
        frames = read_frames(video)
        arrays |= {f"{video.stem}/{i}": frame for i, frame in enumerate(stills(frames, boxed, arguments.frames))}
        moving = clips(frames, boxed, arguments.clips, arguments.clip_length)
        arrays |= {f"{video.stem}/clip {i}": clip for i, clip in enumerate(moving)}
        print(f"{video.name}: {len(frames)} frames", flush=True)
    np.savez_compressed(arguments.out, **arrays)  # pyright: ignore[reportArgumentType]


def read_frames(video: Path) -> list[NDArray[np.uint8]]:
    """Every frame, (H, W, 3) uint8 RGB, its longer side LONGER_SIDE pixels."""
    frames: list[NDArray[np.uint8]] = []
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            scale = LONGER_SIDE / max(frame.width, frame.height)
            size = {"width": round(frame.width * scale), "height": round(frame.height * scale)}
            picture = frame.reformat(**size, format="rgb24", interpolation="AREA")
            frames.append(cast("NDArray[np.uint8]", picture.to_ndarray()))
    return frames


def stills(frames: list[NDArray[np.uint8]], boxed: Boxes, count: int) -> list[NDArray[np.uint8]]:
    """About `count` evenly spaced frames and every boxed one, each with its layers of regions: (H, W, 3 + L)."""
    chosen = sorted({*np.linspace(0, len(frames) - 1, count).astype(int).tolist(), *boxed})
    return [np.dstack([frames[i], layers_of(frames[i], boxed.get(i, []))]) for i in chosen]


def clips(frames: list[NDArray[np.uint8]], boxed: Boxes, count: int, length: int) -> list[NDArray[np.uint8]]:
    """Up to `count` clips (T, H, W, 3 + L) of every, every second or every third frame, with regions tracked by flow.

    Those that start at a boxed frame come first, since they contain whole objects.
    """
    made: list[NDArray[np.uint8]] = []
    starts = [*boxed, *np.linspace(0, len(frames) - 1 - length * STRIDES[-1], count).astype(int).tolist()]
    for number, start in enumerate(starts[:count]):
        indices = range(start, start + length * STRIDES[number % len(STRIDES)], STRIDES[number % len(STRIDES)])
        if indices[-1] >= len(frames):
            continue
        stretch = [frames[i] for i in indices]
        layers = follow(stretch, layers_of(stretch[0], boxed.get(start, [])))
        made.append(np.concatenate([np.stack(stretch), layers], axis=3))
    return made


if __name__ == "__main__":
    main()
