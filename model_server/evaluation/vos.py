"""Semi-supervised video object segmentation: prompt the first visible frame, track to the end, score J&F."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.clicks import first_click, next_click
from model_server.evaluation.j_and_f import ObjectScore, score_object
from model_server.segmenter import FramePrompt, FrameResult, FrameSource, TrackingSession, VideoSegmenter

Mask = NDArray[np.bool_]
Prompting = Literal["mask", "click1", "click3", "copy"]


@dataclass(frozen=True, slots=True)
class TrackingRun:
    """One object of one clip."""

    object_id: str
    score: ObjectScore
    first_iou: float  # of the prompted frame
    seconds_per_frame: float


def evaluate_object(
    model: VideoSegmenter, source: FrameSource, object_id: str, truths: Mapping[int, Mask], prompting: Prompting
) -> TrackingRun:
    """Prompt one object where it first shows and track it forward through every frame; score annotated frames.

    "copy" is the baseline that repeats the first mask. ValueError where the object is never visible.
    """
    annotated = sorted(truths)
    start = next((frame for frame in annotated if truths[frame].any()), None)
    if start is None:
        raise ValueError(f"object {object_id} is never visible")
    scored = [frame for frame in annotated if frame >= start]
    if prompting == "copy":
        score = score_object([truths[f] for f in scored], [truths[start]] * len(scored))
        return TrackingRun(object_id, score, 1.0, 0.0)
    session = model.open(source)
    first = prompt_frame(session, object_id, start, truths[start], prompting)
    predicted = {start: first.mask}
    began = time.perf_counter()
    for frame_index in range(start + 1, scored[-1] + 1):
        mask = session.track(object_id, frame_index, "forward").mask
        if frame_index in truths:
            predicted[frame_index] = mask
    seconds = (time.perf_counter() - began) / max(1, scored[-1] - start)
    score = score_object([truths[f] for f in scored], [predicted[f] for f in scored])
    return TrackingRun(object_id, score, iou(truths[start], first.mask), seconds)


def prompt_frame(
    session: TrackingSession, object_id: str, frame_index: int, truth: Mask, prompting: Prompting
) -> FrameResult:
    """Give a frame its prompt as the protocol would; clicks after the first go where the answer is worst."""
    if prompting == "mask":
        return session.prompt(object_id, frame_index, FramePrompt(mask=truth))
    clicks = (first_click(truth),)
    result = session.prompt(object_id, frame_index, FramePrompt(clicks=clicks))
    for _ in range(3 - 1 if prompting == "click3" else 0):
        click = next_click(truth, result.mask)
        if click is None:
            break
        clicks = (*clicks, click)
        result = session.prompt(object_id, frame_index, FramePrompt(clicks=clicks))
    return result


def iou(truth: Mask, predicted: Mask) -> float:
    """Intersection over union; two empty masks give 1."""
    union = int((truth | predicted).sum())
    return int((truth & predicted).sum()) / union if union else 1.0
