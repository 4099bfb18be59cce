"""The numbers of a model card: how well one model follows and cuts out each object, from every kind of prompt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean

from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.corrections import corrected_frames
from model_server.evaluation.image_miou import clicked_frames
from model_server.masks.judged import Judged, rank_correlation
from model_server.measurement.clips import open_clip
from model_server.measurement.vos_report import VosMeasurement, VosScore, measure_clip
from model_server.segmenter import VideoSegmenter

TRACKED = {"mask": "mask", "box": "box", "3 clicks": "clicks:3", "1 click": "clicks:1"}
"""Columns of J&F, tracked from the first visible frame, and their prompts."""
SINGLE_FRAMES = {"frames, 1 click": 1, "frames, 5 clicks": 5}
"""Columns of mean IoU on single frames, and their clicks."""
CORRECTED = {"carried": 0, "and 1 click": 1, "and 3 clicks": 3}
"""Columns of mean IoU on frames that the true first mask was carried to, after so many clicks on each."""
COLUMNS = (*TRACKED, *SINGLE_FRAMES, *CORRECTED)
CARRIED_FRAMES, CLICKED_FRAMES = "carried", "clicked"
EVERY = 8
"""Of the annotated frames that show the object, every so many are clicked."""


@dataclass(frozen=True, slots=True)
class CardObject:
    """One object of a clip, measured."""

    name: str
    values: dict[str, float]
    """0..1 by column; without those of corrections if too few frames show the object."""
    judged: dict[str, list[Judged]] = field(default_factory=dict[str, list[Judged]])
    """Every single mask, of carried frames and of clicked ones, fresh or corrected."""


def card_objects(clip: ClipFolder, model: VideoSegmenter) -> Iterator[CardObject]:
    """Measure each object of a clip that can be scored."""
    tracked = dict[str, dict[str, float]]()
    for column, prompting in TRACKED.items():
        for outcome in measure_clip(clip, VosMeasurement(model, column, prompting, with_baselines=False)):
            if isinstance(outcome, VosScore):
                tracked.setdefault(outcome.object_id, {})[column] = outcome.score.j_and_f
    with open_clip(clip) as source:
        for object_id, row in tracked.items():
            truths, clicked = clip.truths[object_id], list[Judged]()
            for column, number in SINGLE_FRAMES.items():
                fresh = clicked_frames(model, source, truths, f"clicks:{number}", every=EVERY, void=clip.void)
                row[column] = mean(frame.true for frame in fresh)
                clicked += fresh
            corrected = corrected_frames(
                model, source, truths, every=EVERY, clicks=max(CORRECTED.values()), void=clip.void
            )
            for column, number in CORRECTED.items() if corrected else ():
                row[column] = mean(frame[number].true for frame in corrected)
                clicked += [frame[number] for frame in corrected if number]
            carried = [frame[0] for frame in corrected]
            yield CardObject(f"{clip.name}/{object_id}", row, {CARRIED_FRAMES: carried, CLICKED_FRAMES: clicked})


def mean_row(objects: Sequence[CardObject]) -> dict[str, float]:
    """The mean over the objects that have a value, by column."""
    columns = {column: [each.values[column] for each in objects if column in each.values] for column in COLUMNS}
    return {column: mean(values) for column, values in columns.items() if values}


def rank_correlations(objects: Sequence[CardObject]) -> dict[str, float]:
    """Rank correlation of predicted and true IoU, over carried frames and over clicked ones, where it is defined."""
    kinds = (CARRIED_FRAMES, CLICKED_FRAMES)
    ranks = {kind: rank_correlation([one for each in objects for one in each.judged[kind]]) for kind in kinds}
    return {kind: rank for kind, rank in ranks.items() if not math.isnan(rank)}
