"""Ground truth in SA-V's training layout: `VIDEO_manual.json` beside `VIDEO.mp4`, as Maskloom and Meta write it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.clip_folder import ClipFolder
from model_server.masks import rle

MANUAL = "_manual.json"
_ANNOTATED_PER_SECOND = 6


@dataclass(frozen=True, slots=True)
class StoredTruths(Mapping[int, NDArray[np.bool_]]):
    """One masklet by frame index of the video; masks are (height, width) and decoded when accessed."""

    counts: Mapping[int, str]
    height: int
    width: int

    def __getitem__(self, frame_index: int) -> NDArray[np.bool_]:
        return rle.decode(self.counts[frame_index], height=self.height, width=self.width)

    def __iter__(self) -> Iterator[int]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)


def read_sa_v(path: Path) -> ClipFolder:
    """One video's masklets by id. FileNotFoundError, or ValueError for a file that is not an SA-V annotation."""
    try:
        annotation = json.loads(path.read_text())
        rows = annotation["masklet"]
        stride = _stride(len(rows), annotation["video_frame_count"], annotation["video_duration"])
        counts: dict[str, dict[int, str]] = {str(name): {} for name in annotation["masklet_id"]}
        for index, row in enumerate(rows):
            for name, mask in zip(counts, row, strict=True):
                counts[name][index * stride] = mask["counts"]
        height, width = int(annotation["video_height"]), int(annotation["video_width"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not an SA-V annotation: {error!r}") from error
    truths = {name: StoredTruths(of_one, height, width) for name, of_one in counts.items()}
    return ClipFolder(path.name.removesuffix(MANUAL), video_of(path), truths)


def video_of(path: Path) -> Path:
    """The video to which an annotation file belongs."""
    return path.with_name(path.name.removesuffix(MANUAL) + ".mp4")


def _stride(num_annotated: int, num_frames: float, seconds: float) -> int:
    """Video frames from one annotated frame to the next, which the file does not record.

    Several strides may fit a short video; the one nearest to SA-V's 6 annotated frames per second is taken.
    """
    if num_annotated < 1 or num_frames < num_annotated:
        raise ValueError(f"{num_annotated} annotated frames of {num_frames:g}")
    fitting = [stride for stride in range(1, int(num_frames) + 1) if -(-int(num_frames) // stride) == num_annotated]
    if not fitting:
        raise ValueError(f"no stride gives {num_annotated} annotated frames of {num_frames:g}")
    usual = num_frames / seconds / _ANNOTATED_PER_SECOND if seconds > 0 else fitting[0]
    return min(fitting, key=lambda stride: abs(stride - usual))
