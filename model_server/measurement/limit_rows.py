"""How well one model follows what trackers find hard: J&F on clips drawn for each limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
from PIL import Image

from model_server.evaluation.clip_folder import LABELS, PER_OBJECT
from model_server.evaluation.j_and_f import score_object
from model_server.evaluation.vos import prompt_frame, score_masks
from model_server.measurement.limits.film import DrawnClip
from model_server.segmenter import Mask, VideoSegmenter

PROMPTS = {"mask": "mask", "1 click": "clicks:1"}
"""Columns and prompts on the first frame."""
AFTER = {"mask": "mask, after", "1 click": "1 click, after"}
"""Columns of the frames after what the clip is about, where that comes to an end."""
COLUMNS = (*PROMPTS, *AFTER.values())


@dataclass(frozen=True, slots=True)
class LimitObject:
    """One object of a drawn clip, measured."""

    limit: str
    clip: str
    object_id: str
    values: dict[str, float]
    """J&F in 0..1 by column."""


def limit_objects(limit: str, clip: DrawnClip, model: VideoSegmenter) -> Iterator[LimitObject]:
    """Measure each object of a clip, from each prompt on the first frame."""
    tracked = _tracked(clip, model)
    for object_id, truths in clip.truths.items():
        values: dict[str, float] = {}
        for column in PROMPTS:
            masks = tracked[object_id, column]
            values[column] = score_masks(truths, masks).j_and_f
            if clip.after is not None:
                frames = range(clip.after, clip.num_frames - 1)  # as everywhere, the last frame is not scored
                listed = [truths[index] for index in frames], [masks[index] for index in frames]
                values[AFTER[column]] = score_object(*listed, skip_ends=False).j_and_f
        yield LimitObject(limit, clip.name, object_id, values)


def mean_values(objects: Sequence[LimitObject]) -> dict[str, float]:
    """The mean over the objects that have a value, by column."""
    columns = {column: [each.values[column] for each in objects if column in each.values] for column in COLUMNS}
    return {column: mean(values) for column, values in columns.items() if values}


def markdown(objects: Sequence[LimitObject]) -> str:
    """A table with a row for each limit, in percent."""
    lines = ["| limit | clips | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * (1 + len(COLUMNS))]
    limits = dict.fromkeys(each.limit for each in objects)
    for name in (*limits, ""):
        rows = [each for each in objects if name in ("", each.limit)]
        values = mean_values(rows)
        cells = [f"{100 * values[column]:.1f}" if column in values else "–" for column in COLUMNS]
        lines.append(" | ".join((f"| {name or '**mean**'}", f"{len({each.clip for each in rows})}", *cells)) + " |")
    return "\n".join(lines)


def write_clip(clip: DrawnClip, folder: Path) -> None:
    """Write a clip as a folder that `maskloom evaluate` reads: pictures of its frames, and masks."""
    (folder / "frames").mkdir(parents=True, exist_ok=True)
    for index, rgb in enumerate(clip.frames):
        Image.fromarray(rgb).save(folder / "frames" / f"{index:05}.png")
    for object_id, truths in clip.truths.items():
        masks = folder / LABELS if len(clip.truths) == 1 else folder / PER_OBJECT / object_id
        masks.mkdir(parents=True, exist_ok=True)
        for index, truth in truths.items():
            Image.fromarray(truth.astype(np.uint8)).save(masks / f"{index:05}.png")


def _tracked(clip: DrawnClip, model: VideoSegmenter) -> dict[tuple[str, str], dict[int, Mask]]:
    """Masks by frame, of each object from each prompt; all in one session, which keeps objects apart and saves time."""
    session = model.open(clip)
    names = {f"{object_id}, {column}": (object_id, column) for object_id in clip.truths for column in PROMPTS}
    masks: dict[tuple[str, str], dict[int, Mask]] = {}
    for name, (object_id, column) in names.items():
        _, first = prompt_frame(session, name, 0, clip.truths[object_id][0], PROMPTS[column])
        masks[object_id, column] = {0: first.mask}
    for index in range(1, clip.num_frames):
        for result in session.track_together(list(names), index, "forward"):
            masks[names[result.object_id]][index] = result.mask
    return masks
