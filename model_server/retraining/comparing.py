"""Old model against new on videos neither was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.image_miou import frame_ious
from model_server.evaluation.j_and_f import mean_scores
from model_server.measurement.clips import open_clip
from model_server.measurement.vos_report import Measuring, Row, measure_clip
from model_server.segmenter import VideoSegmenter

TRACKED = ("mask", "clicks:3")
CLICKED = ("clicks:1", "clicks:3")
_IMAGES_EVERY = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of both models, in percent; more is better."""

    measure: str
    old: float
    new: float


def compare(
    old: VideoSegmenter, new: VideoSegmenter, videos: Sequence[ClipFolder], tell: Callable[[str], None]
) -> list[Comparison]:
    """J&F by first prompt, and IoU of single frames by clicks. ValueError when no object can be scored."""
    before, after = (_measures(model, videos, name, tell) for model, name in ((old, "old"), (new, "new")))
    return [Comparison(measure, before[measure], after[measure]) for measure in before]


def as_metrics(comparisons: Sequence[Comparison]) -> dict[str, Mapping[str, float]]:
    """What the tuned model's description keeps."""
    return {each.measure: {"before": each.old, "after": each.new} for each in comparisons}


def _measures(
    model: VideoSegmenter, videos: Sequence[ClipFolder], name: str, tell: Callable[[str], None]
) -> dict[str, float]:
    measures: dict[str, float] = {}
    for prompting in TRACKED:
        measuring = Measuring(model, name, prompting, with_baselines=False)
        rows = [row for video in videos for row in measure_clip(video, measuring) if isinstance(row, Row)]
        if not rows:
            raise ValueError("no object of the held-out videos can be scored")
        measures[f"J&F, {prompting}"] = round(100 * mean_scores(row.score for row in rows)[2], 2)
        tell(f"{name}: J&F from {prompting} {measures[f'J&F, {prompting}']:.1f}")
    for prompting in CLICKED:
        ious = [iou for video in videos for iou in _image_ious(model, video, prompting)]
        measures[f"image IoU, {prompting}"] = round(100 * float(np.mean(ious)), 2)
        tell(f"{name}: IoU of single frames, {prompting} {measures[f'image IoU, {prompting}']:.1f}")
    return measures


def _image_ious(model: VideoSegmenter, video: ClipFolder, prompting: str) -> list[float]:
    with open_clip(video) as source:
        return [
            iou
            for truths in video.truths.values()
            for iou in frame_ious(model, source, truths, prompting, every=_IMAGES_EVERY)
        ]
