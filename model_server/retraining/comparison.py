"""A comparison of the old model and the new one on videos that neither was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.image_miou import clicked_frames
from model_server.evaluation.j_and_f import mean_scores
from model_server.measurement.clips import open_clip
from model_server.measurement.vos_report import VosMeasurement, VosScore, measure_clip
from model_server.retraining.corrections import corrected
from model_server.segmenter import VideoSegmenter

TRACKED = ("mask", "clicks:3")
CLICKED = ("clicks:1", "clicks:3")
CORRECTIVE_CLICKS = "corrective clicks"
_IMAGES_EVERY = 6


@dataclass(frozen=True, slots=True)
class MeasureComparison:
    """One measure of both models: a score in percent, or a number of clicks."""

    measure: str
    old: float
    new: float

    @property
    def better(self) -> Literal["more", "fewer"]:
        """Which direction is an improvement."""
        return "fewer" if self.measure == CORRECTIVE_CLICKS else "more"


def num_parts(videos: Sequence[ClipFolder]) -> int:
    """How often `evaluate` calls `done`."""
    return (len(TRACKED) + len(CLICKED) + 1) * len(videos)


def evaluate(model: VideoSegmenter, videos: Sequence[ClipFolder], done: Callable[[], None]) -> dict[str, float]:
    """Measures by name: J&F by first prompt and IoU of single frames, in percent, and corrective clicks per object.

    `done` is called after each part. ValueError if no object can be scored.
    """
    measures: dict[str, float] = {}
    for prompting in TRACKED:
        measurement = VosMeasurement(model, "model", prompting, with_baselines=False)
        rows = [
            row
            for video in _each(videos, done)
            for row in measure_clip(video, measurement)
            if isinstance(row, VosScore)
        ]
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


def compared(before: Mapping[str, float], after: Mapping[str, float]) -> list[MeasureComparison]:
    """Every measure of both models."""
    return [MeasureComparison(measure, value, after[measure]) for measure, value in before.items()]


def as_metrics(comparisons: Sequence[MeasureComparison]) -> dict[str, Mapping[str, float]]:
    """The measures as the metrics of the tuned model."""
    return {each.measure: {"before": each.old, "after": each.new} for each in comparisons}


def _each(videos: Sequence[ClipFolder], done: Callable[[], None]) -> Iterator[ClipFolder]:
    for video in videos:
        yield video
        done()


def _image_ious(model: VideoSegmenter, video: ClipFolder, prompting: str) -> list[float]:
    with open_clip(video) as source:
        return [
            frame.true
            for truths in video.truths.values()
            for frame in clicked_frames(model, source, truths, prompting, every=_IMAGES_EVERY)
        ]
