"""The split of videos into those to train on and those held out for evaluation."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from model_server.evaluation.clip_folder import ClipFolder

HELD_OUT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Split:
    """Whole videos on either side, since frames of one video are too similar to be split."""

    training: tuple[ClipFolder, ...]
    held_out: tuple[ClipFolder, ...]


def split_by_video(videos: Sequence[ClipFolder], share: float = HELD_OUT_SHARE) -> Split:
    """Hold out a share of the videos, at least one; the split depends on their names alone.

    ValueError for fewer than two videos, which leave nothing to evaluate on.
    """
    if len(videos) < 2:
        raise ValueError(f"{len(videos)} annotated videos: retraining takes two or more, one of them to judge by")
    shuffled = sorted(videos, key=lambda video: hashlib.sha256(video.name.encode()).digest())
    count = min(len(videos) - 1, max(1, round(share * len(videos))))
    return Split(tuple(shuffled[count:]), tuple(shuffled[:count]))


def split_by_names(videos: Sequence[ClipFolder], held_out: Collection[str]) -> Split:
    """Hold out the named videos. ValueError if either side would be empty."""
    training = tuple(video for video in videos if video.name not in held_out)
    kept = tuple(video for video in videos if video.name in held_out)
    if not training or not kept:
        side = "to train on" if not training else "to judge by: those that are held out have no annotated object"
        raise ValueError(f"no video is left {side}")
    return Split(training, kept)
