"""Tracking from a first prompt, with baselines that start from the same first mask: scores, then a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.j_and_f import ObjectScore, mean_scores
from model_server.evaluation.vos import Tracking, by_frame, copied, decline, first_visible, score_masks, track_object
from model_server.measurement.clips import open_clip
from model_server.segmenter import FrameSource, Mask, VideoSegmenter

COPY, FLOW, IMAGES = "copy", "flow", "sam_flow"
BASELINES = {COPY: "the first mask again", FLOW: "moved by optical flow", IMAGES: "frames alone, prompts moved by flow"}


@dataclass(frozen=True, slots=True)
class VosScore:
    """The score of one object under one method, which is the model's name or a baseline's."""

    clip: str
    object_id: str
    method: str
    score: ObjectScore
    seconds_per_frame: float | None


@dataclass(frozen=True, slots=True)
class SkippedObject:
    """An object that was not scored, and why."""

    clip: str
    object_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class VosMeasurement:
    """The model and protocol to measure. `prompting` is mask, box or clicks:N."""

    model: VideoSegmenter
    name: str
    prompting: str
    with_baselines: bool


def measure_clip(
    clip: ClipFolder, measurement: VosMeasurement, skip: Sequence[str] = ()
) -> Iterator[VosScore | SkippedObject]:
    """Score every object of a clip under every method; `skip` names objects as CLIP/OBJECT.

    ValueError if baselines are asked for and OpenCV is missing.
    """
    with open_clip(clip) as source:
        for object_id, truths in clip.truths.items():
            if f"{clip.name}/{object_id}" in skip:
                yield SkippedObject(clip.name, object_id, "left out on request")
                continue
            if reason := _why_not(truths):
                yield SkippedObject(clip.name, object_id, reason)
                continue
            tracking = track_object(measurement.model, source, object_id, truths, measurement.prompting)
            score = score_masks(truths, tracking.masks, clip.void)
            yield VosScore(clip.name, object_id, measurement.name, score, tracking.seconds_per_frame)
            if measurement.with_baselines:
                for method, masks in _baselines(measurement.model, source, truths, tracking).items():
                    yield VosScore(clip.name, object_id, method, score_masks(truths, masks, clip.void), None)


def _baselines(
    model: VideoSegmenter, source: FrameSource, truths: Mapping[int, Mask], tracking: Tracking
) -> dict[str, dict[int, Mask]]:
    """Masks by method and frame; all methods start from the model's mask on the first frame."""
    try:  # only the baselines need OpenCV
        from model_server.measurement.baselines import image_masks_by_flow, warped_by_flow
    except ImportError as error:
        raise ValueError("the baselines need OpenCV: pip install 'maskloom[footage]'") from error
    start = first_visible(truths)
    first, wanted = tracking.masks[start], set(tracking.masks)
    return {
        COPY: copied(truths, first),
        FLOW: warped_by_flow(source, start, first, wanted),
        IMAGES: image_masks_by_flow(model, source, start, tracking.prompt, wanted),
    }


def _why_not(truths: Mapping[int, Mask]) -> str:
    annotated = sorted(truths)
    visible = [frame for frame in annotated if truths[frame].any()]
    if not visible:
        return "never visible"
    if not any(visible[0] < frame < annotated[-1] for frame in visible):
        return "visible on no frame that is scored"
    return ""


def as_json(rows: Sequence[VosScore], skipped: Sequence[SkippedObject]) -> dict[str, object]:
    """J, F and J&F in percent: by clip, method and object, and averaged over all objects."""
    return {
        "clips": {
            clip: {
                method: _summary(_select(rows, clip, method)) | {"objects": _objects(_select(rows, clip, method))}
                for method in methods(rows)
            }
            for clip in dict.fromkeys(row.clip for row in rows)
        },
        "mean": {
            method: _summary([row for row in rows if row.method == method]) | {"decline": _decline(rows, method)}
            for method in methods(rows)
        },
        "skipped": {f"{each.clip}/{each.object_id}": each.reason for each in skipped},
    }


def methods(rows: Sequence[VosScore]) -> list[str]:
    """The model first, then the baselines."""
    return list(dict.fromkeys(row.method for row in rows))


def _select(rows: Sequence[VosScore], clip: str, method: str) -> list[VosScore]:
    return [row for row in rows if (row.clip, row.method) == (clip, method)]


def _summary(rows: Sequence[VosScore]) -> dict[str, object]:
    j, f, j_and_f = mean_scores(row.score for row in rows)
    summary: dict[str, object] = {"J": percent(j), "F": percent(f), "JF": percent(j_and_f)}
    if (speed := seconds_per_frame(rows)) is not None:
        summary["seconds_per_frame"] = round(speed, 4)
    return summary


def seconds_per_frame(rows: Sequence[VosScore]) -> float | None:
    """The mean over objects; None for a method whose time was not taken."""
    taken = [row.seconds_per_frame for row in rows if row.seconds_per_frame is not None]
    return float(np.mean(taken)) if taken else None


def _objects(rows: Sequence[VosScore]) -> dict[str, object]:
    return {
        row.object_id: _summary([row])
        | {"decline": _percents(decline(row.score)), "by_frame": _percents(by_frame(row.score))}
        for row in rows
    }


def _decline(rows: Sequence[VosScore], method: str) -> list[float]:
    """J&F by quarters of the clip, averaged over objects with at least four scored frames."""
    quarters = [decline(row.score) for row in rows if row.method == method and len(row.score.region) >= 4]
    return _percents(np.mean(quarters, axis=0).tolist()) if quarters else []


def _percents(values: Sequence[float]) -> list[float]:
    return [percent(value) for value in values]


def percent(value: float) -> float:
    """0..1 -> percent with four decimals."""
    return round(100 * value, 4)
