"""The file of annotated clips that training reads; `model_server.training.clips.annotated` defines its format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_server.evaluation.clip_folder import ClipFolder
from model_server.measurement.clips import open_clip
from model_server.segmenter import FrameSource

LONGER_SIDE = 384
FRAMES_PER_CLIP = 8
MAX_CLIPS_PER_VIDEO = 40

Pixels = NDArray[np.uint8]


def write_annotated(videos: Sequence[ClipFolder], path: Path) -> int:
    """Cut every video into clips of consecutive annotated frames, and write them; the number of clips."""
    clips = {f"{video.name}/{number}": clip for video in videos for number, clip in enumerate(clips_of(video))}
    np.savez(path, **clips)  # pyright: ignore[reportArgumentType]
    return len(clips)


def clips_of(video: ClipFolder, *, frames_per_clip: int = FRAMES_PER_CLIP) -> Iterator[Pixels]:
    """Clips (T, H, W, 3 + L) uint8 spread evenly over the video: RGB, then a layer per object.

    The longer side is LONGER_SIDE pixels. Every clip shows an object.
    """
    annotated = sorted(set[int]().union(*(truths.keys() for truths in video.truths.values())))
    starts = range(0, max(1, len(annotated) - 1), max(1, frames_per_clip // 2))
    step = -(-len(starts) // MAX_CLIPS_PER_VIDEO)
    with open_clip(video) as source:
        inside = [frame for frame in annotated if frame < source.num_frames]
        for start in starts[::step]:
            frames = inside[start : start + frames_per_clip]
            if frames and (clip := _clip(video, source, frames))[..., 3:].any():
                yield clip


def _clip(video: ClipFolder, source: FrameSource, frames: Sequence[int]) -> Pixels:
    scale = min(1.0, LONGER_SIDE / max(source.height, source.width))
    width, height = max(1, round(source.width * scale)), max(1, round(source.height * scale))
    clip = np.zeros((len(frames), height, width, 3 + len(video.truths)), np.uint8)
    for row, frame_index in enumerate(frames):
        picture = Image.fromarray(source.rgb(frame_index))
        clip[row, ..., :3] = np.asarray(picture.resize((width, height), Image.Resampling.BOX))
        for layer, truths in enumerate(video.truths.values()):
            if frame_index in truths:
                mask = Image.fromarray(truths[frame_index].astype(np.uint8) * 255)
                clip[row, ..., 3 + layer] = np.asarray(mask.resize((width, height), Image.Resampling.BOX)) > 127
    return clip
