"""Old model against new on videos neither was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.image_miou import frame_ious
from model_server.evaluation.j_and_f import mean_scores
from model_server.measurement.clips import open_clip
from model_server.measurement.vos_report import Measuring, Row, measure_clip
from model_server.retraining.corrections import corrected
from model_server.segmenter import VideoSegmenter

TRACKED = ("mask", "clicks:3")
CLICKED = ("clicks:1", "clicks:3")
CORRECTIVE_CLICKS = "corrective clicks"
_IMAGES_EVERY = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of both models: percent, where more is better, or clicks."""

    measure: str
    old: float
    new: float

    @property
    def better(self) -> Literal["more", "fewer"]:
        """Which way is better."""
        return "fewer" if self.measure == CORRECTIVE_CLICKS else "more"


def num_parts(videos: Sequence[ClipFolder]) -> int:
    """How often `judge` says that a part of it is done."""
    return (len(TRACKED) + len(CLICKED) + 1) * len(videos)


def judge(model: VideoSegmenter, videos: Sequence[ClipFolder], done: Callable[[], None]) -> dict[str, float]:
    """J&F by first prompt, IoU of single frames by clicks, and the clicks an annotator needs for each object.

    ValueError when no object can be scored.
    """
    measures: dict[str, float] = {}
    for prompting in TRACKED:
        measuring = Measuring(model, "judged", prompting, with_baselines=False)
        rows = [row for video in _each(videos, done) for row in measure_clip(video, measuring) if isinstance(row, Row)]
        if not rows:
            raise ValueError("no object of the held-out videos can be scored")
        measures[f"J&F, {prompting}"] = round(100 * mean_scores(row.score for row in rows)[2], 2)
    for prompting in CLICKED:
        ious = [iou for video in _each(videos, done) for iou in _image_ious(model, video, prompting)]
        measures[f"image IoU, {prompting}"] = round(100 * float(np.mean(ious)), 2)
    clicks = [each.effort.num_clicks for video in _each(videos, done) for each in corrected(model, video)]
    if clicks:
        measures[CORRECTIVE_CLICKS] = round(float(np.mean(clicks)), 2)
    return measures


def compared(before: Mapping[str, float], after: Mapping[str, float]) -> list[Comparison]:
    """Both sides of every measure."""
    return [Comparison(measure, value, after[measure]) for measure, value in before.items()]


def as_metrics(comparisons: Sequence[Comparison]) -> dict[str, Mapping[str, float]]:
    """What the tuned model's description keeps."""
    return {each.measure: {"before": each.old, "after": each.new} for each in comparisons}


def _each(videos: Sequence[ClipFolder], done: Callable[[], None]) -> Iterator[ClipFolder]:
    for video in videos:
        yield video
        done()


def _image_ious(model: VideoSegmenter, video: ClipFolder, prompting: str) -> list[float]:
    with open_clip(video) as source:
        return [
            iou
            for truths in video.truths.values()
            for iou in frame_ious(model, source, truths, prompting, every=_IMAGES_EVERY)
        ]
