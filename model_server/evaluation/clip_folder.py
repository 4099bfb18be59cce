"""Clip folders: a video with ground truth on disk.

A clip folder holds `video.mp4` and either `masks/NNNNN.png` (one label image per annotated frame, value = object)
or `masks_manual_per_object/ID/NNNNN.png` (one image per object, so that objects may overlap). NNNNN is the 0-based
frame.
A value of 255 beside other objects is void, as in DAVIS: nobody decided about these pixels, and they are not scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.png import read_labels

VOID = 255
PER_OBJECT, LABELS = "masks_manual_per_object", "masks"


@dataclass(frozen=True, slots=True)
class ClipFolder:
    """One clip: the path of its video, and the ground truth of each object on each annotated frame."""

    name: str
    video: Path
    truths: Mapping[str, Mapping[int, NDArray[np.bool_]]]  # object id -> frame index -> (H, W)
    void: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict[int, NDArray[np.bool_]])
    """(H, W) by frame index, where a frame has such pixels."""


def void_value(values: set[int]) -> int | None:
    """What is void in label images of these values: 255, unless it is the only object, as in DAVIS 2016."""
    return VOID if VOID in values and values - {0, VOID} else None


def read_clip(folder: Path) -> ClipFolder:
    """Read one clip folder. FileNotFoundError if it has no masks, ValueError for a broken image."""
    truths: dict[str, dict[int, NDArray[np.bool_]]] = {}
    void: dict[int, NDArray[np.bool_]] = {}
    if (folder / PER_OBJECT).is_dir():
        for object_folder in sorted((folder / PER_OBJECT).iterdir()):
            truths[object_folder.name] = {int(p.stem): read_labels(p) > 0 for p in sorted(object_folder.glob("*.png"))}
    else:
        for path in sorted((folder / LABELS).glob("*.png")):
            labels = read_labels(path)
            for label in np.unique(labels[labels > 0]):
                truths.setdefault(str(label), {})
            for object_id, masks in truths.items():
                masks[int(path.stem)] = labels == int(object_id)
        if (value := void_value({int(label) for label in truths})) is not None:
            void = truths.pop(str(value))
    if not any(truths.values()):
        raise FileNotFoundError(f"{folder} holds no masks")
    return ClipFolder(folder.name, folder / "video.mp4", truths, void)
