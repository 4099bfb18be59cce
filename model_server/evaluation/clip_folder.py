"""Clip folders: a video with ground truth on disk.

A clip folder holds `video.mp4` and either `masks/NNNNN.png` (one label image per annotated frame, value = object)
or `masks_manual_per_object/ID/NNNNN.png` (one image per object, so that objects may overlap). NNNNN is the 0-based
frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.png import read_labels

PER_OBJECT, LABELS = "masks_manual_per_object", "masks"


@dataclass(frozen=True, slots=True)
class ClipFolder:
    """One clip: the path of its video, and the ground truth of each object on each annotated frame."""

    name: str
    video: Path
    truths: Mapping[str, Mapping[int, NDArray[np.bool_]]]  # object id -> frame index -> (H, W)


def read_clip(folder: Path) -> ClipFolder:
    """Read one clip folder. FileNotFoundError if it has no masks, ValueError for a broken image."""
    truths: dict[str, dict[int, NDArray[np.bool_]]] = {}
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
    if not any(truths.values()):
        raise FileNotFoundError(f"{folder} holds no masks")
    return ClipFolder(folder.name, folder / "video.mp4", truths)
