"""Which videos train and which are kept to judge by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from model_server.evaluation.clip_folder import ClipFolder

HELD_OUT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Split:
    """Whole videos on either side: frames of one video are too alike to be split."""

    training: tuple[ClipFolder, ...]
    held_out: tuple[ClipFolder, ...]


def split_by_video(videos: Sequence[ClipFolder], share: float = HELD_OUT_SHARE) -> Split:
    """Keep a share of the videos, at least one, out of training; a video's side depends on the names alone.

    ValueError with fewer than two videos: nothing could be judged.
    """
    if len(videos) < 2:
        raise ValueError(f"{len(videos)} annotated videos: retraining takes two or more, one of them to judge by")
    shuffled = sorted(videos, key=lambda video: hashlib.sha256(video.name.encode()).digest())
    count = min(len(videos) - 1, max(1, round(share * len(videos))))
    return Split(tuple(shuffled[count:]), tuple(shuffled[:count]))
