"""The output of `maskloom segment`: masks in the layout of SA-V's validation set, scores, and the network's logits.

DIR/<object>/<frame>.png         0 and 255, of the video's size; five digits, 0-based frames
DIR/logits/<object>/<frame>.npz  `logits`, float32 (h, w), before scaling to the video
DIR/scores.json                  the scores of each mask, and the model that made it
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from model_server.segmenter import FrameResult

SCORES = "scores.json"
LOGITS = "logits"
_FAST_COMPRESSION = 1  # of 9 levels; masks are small at any of them


@dataclass(frozen=True, slots=True)
class FrameScore:
    """The scores of one object on one frame."""

    frame: int
    conditioning: bool
    """Whether the mask answers a prompt; otherwise it was tracked."""
    object_score: float
    predicted_iou: float
    stability: float
    area: int


@dataclass(slots=True)
class ResultFolder:
    """The folder being written. Every file appears complete or not at all."""

    folder: Path
    keeps_logits: bool = False
    _scores: dict[str, dict[int, FrameScore]] = field(default_factory=dict[str, dict[int, FrameScore]])

    def prepare(self, *, overwrite: bool) -> None:
        """Make the folder. FileExistsError if it is not empty; `overwrite` removes the files of an earlier run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not any(self.folder.iterdir()):
            return
        if not overwrite:
            raise FileExistsError(f"{self.folder} is not empty")
        for name in self._earlier_objects():
            for path in [*(self.folder / name).glob("*.png"), *(self.folder / LOGITS / name).glob("*.npz")]:
                path.unlink()
        (self.folder / SCORES).unlink(missing_ok=True)

    def write(self, result: FrameResult, *, conditioning: bool) -> None:
        """Write a result; a later one of the same object and frame replaces it."""
        name, frame = result.object_id, result.frame_index
        with _whole(self.folder / name / f"{frame:05d}.png") as file:
            picture = Image.fromarray(result.mask.astype(np.uint8) * 255)
            picture.save(file, format="PNG", compress_level=_FAST_COMPRESSION)
        if self.keeps_logits:
            with _whole(self.folder / LOGITS / name / f"{frame:05d}.npz") as file:
                np.savez(file, logits=result.low_res_logits)
        self._scores.setdefault(name, {})[frame] = FrameScore(
            frame=frame,
            conditioning=conditioning,
            object_score=float(result.object_score),
            predicted_iou=float(result.predicted_iou),
            stability=float(result.stability),
            area=int(result.mask.sum()),
        )

    def finish(self, about: dict[str, Any], *, complete: bool) -> None:
        """Write the scores of everything written so far, with `about`, the description of the run."""
        objects = {
            name: [asdict(score) for _, score in sorted(scores.items())] for name, scores in self._scores.items()
        }
        with _whole(self.folder / SCORES) as file:
            file.write(json.dumps({**about, "complete": complete, "objects": objects}, indent=1).encode())

    def _earlier_objects(self) -> list[str]:
        """Those that an earlier run recorded as its own, so that nothing else is ever deleted."""
        try:
            objects = json.loads((self.folder / SCORES).read_bytes())["objects"]
        except (OSError, ValueError, KeyError):
            return []
        return [name for name in objects if Path(name).name == name]


@contextmanager
def _whole(path: Path) -> Generator[BinaryIO]:
    """A file that replaces `path` once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
