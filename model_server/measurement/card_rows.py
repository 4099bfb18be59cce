"""The numbers of a model card: how well one model follows and cuts out each object, from every kind of prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.image_miou import frame_ious
from model_server.measurement.clips import open_clip
from model_server.measurement.vos_report import VosMeasurement, VosScore, measure_clip
from model_server.segmenter import VideoSegmenter

TRACKED = {"mask": "mask", "box": "box", "3 clicks": "clicks:3", "1 click": "clicks:1"}
"""Columns of J&F, tracked from the first visible frame, and their prompts."""
SINGLE_FRAMES = {"frames, 1 click": "clicks:1", "frames, 5 clicks": "clicks:5"}
"""Columns of mean IoU on single frames, and their prompts."""
COLUMNS = (*TRACKED, *SINGLE_FRAMES)
EVERY = 8
"""Of the annotated frames that show the object, every so many are clicked."""


def card_rows(clip: ClipFolder, model: VideoSegmenter) -> Iterator[tuple[str, dict[str, float]]]:
    """For each object of a clip that can be scored, its name and its values, 0..1, by column."""
    tracked = dict[str, dict[str, float]]()
    for column, prompting in TRACKED.items():
        for outcome in measure_clip(clip, VosMeasurement(model, column, prompting, with_baselines=False)):
            if isinstance(outcome, VosScore):
                tracked.setdefault(outcome.object_id, {})[column] = outcome.score.j_and_f
    with open_clip(clip) as source:
        for object_id, row in tracked.items():
            for column, prompting in SINGLE_FRAMES.items():
                truths = clip.truths[object_id]
                ious = frame_ious(model, source, truths, prompting, every=EVERY, void=clip.void)
                row[column] = float(np.mean(ious))
            yield f"{clip.name}/{object_id}", row


def mean_row(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    """The mean over objects, by column."""
    listed = list(rows)
    return {column: float(np.mean([row[column] for row in listed])) for column in COLUMNS}
