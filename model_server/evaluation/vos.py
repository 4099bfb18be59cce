"""Semi-supervised video object segmentation: prompt the first visible frame, track to the end, score J&F.

Masks are (H, W) bool of the video's size; frames are 0-based indices; scores are in 0..1.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from model_server.evaluation.clicks import first_click, next_click
from model_server.evaluation.j_and_f import ObjectScore, score_object
from model_server.masks.judged import Judged
from model_server.segmenter import (
    Box,
    Click,
    FramePrompt,
    FrameResult,
    FrameSource,
    Mask,
    TrackingSession,
    VideoSegmenter,
)

_CLICKS = re.compile(r"clicks:(\d+)")


@dataclass(frozen=True, slots=True)
class Tracking:
    """One object's masks from its first visible annotated frame to its last annotated one."""

    object_id: str
    prompt: FramePrompt
    """The last prompt made on the first frame."""
    masks: dict[int, Mask]
    """By annotated frame."""
    seconds_per_frame: float


def track_object(
    model: VideoSegmenter, source: FrameSource, object_id: str, truths: Mapping[int, Mask], prompting: str
) -> Tracking:
    """Prompt one object where it first appears, and track it forward through every frame to the last annotated one.

    ValueError if the object is never visible.
    """
    start, last = first_visible(truths), max(truths)
    session = model.open(source)
    prompt, first = prompt_frame(session, object_id, start, truths[start], prompting)
    masks = {start: first.mask}
    began = time.perf_counter()
    for frame_index in range(start + 1, last + 1):
        mask = session.track(object_id, frame_index, "forward").mask
        if frame_index in truths:
            masks[frame_index] = mask
    return Tracking(object_id, prompt, masks, (time.perf_counter() - began) / max(1, last - start))


def prompt_frame(
    session: TrackingSession, object_id: str, frame_index: int, truth: Mask, prompting: str
) -> tuple[FramePrompt, FrameResult]:
    """Prompt one object on one frame as the protocol would; the last prompt and its result.

    `prompting` is "mask", "box" (around the truth) or "clicks:N", each later click at the largest error of the
    result before. ValueError for anything else.
    """
    if prompting == "mask":
        prompt = FramePrompt(mask=truth)
    elif prompting == "box":
        prompt = FramePrompt(box=box_around(truth))
    else:
        return _click(session, object_id, frame_index, truth, num_clicks(prompting))
    return prompt, session.prompt(object_id, frame_index, prompt)


def num_clicks(prompting: str) -> int:
    """The N of "clicks:N". ValueError for anything else."""
    match = _CLICKS.fullmatch(prompting)
    if match is None or int(match[1]) < 1:
        raise ValueError(f"{prompting!r} is none of mask, box, clicks:N")
    return int(match[1])


def box_around(mask: Mask) -> Box:
    """The tight box around a non-empty mask, through the centres of its outermost pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1]))


def first_visible(truths: Mapping[int, Mask]) -> int:
    """The first annotated frame on which the object is visible. ValueError if there is none."""
    start = next((frame for frame in sorted(truths) if truths[frame].any()), None)
    if start is None:
        raise ValueError("the object is never visible")
    return start


def copied(truths: Mapping[int, Mask], first: Mask) -> dict[int, Mask]:
    """The trivial baseline: the first mask on every annotated frame from the first visible one."""
    start = first_visible(truths)
    return {frame: first for frame in sorted(truths) if frame >= start}


def score_masks(
    truths: Mapping[int, Mask], masks: Mapping[int, Mask], void: Mapping[int, Mask] = MappingProxyType({})
) -> ObjectScore:
    """J and F over the annotated frames that have a mask, without the void pixels."""
    frames = sorted(masks)
    return score_object([truths[f] for f in frames], [decided(masks[f], void.get(f)) for f in frames])


def decided(mask: Mask, void: Mask | None) -> Mask:
    """The mask without void pixels, which are in no truth either and so do not count."""
    return mask if void is None else mask & ~void


def decline(score: ObjectScore, num_parts: int = 4) -> list[float]:
    """Mean J&F of equal parts of the clip in order, which shows how fast the object is lost."""
    values = by_frame(score)
    return [float(part.mean()) for part in np.array_split(values, min(num_parts, len(values)))]


def by_frame(score: ObjectScore) -> list[float]:
    """J&F of every counted frame in order."""
    return [(j + f) / 2 for j, f in zip(score.region, score.contour, strict=True)]


def judged(result: FrameResult, truth: Mask, void: Mask | None) -> Judged:
    """The IoU of a result's mask, without void pixels, and the IoU it predicts."""
    return Judged(iou(truth, decided(result.mask, void)), result.predicted_iou)


def iou(truth: Mask, predicted: Mask) -> float:
    """Intersection over union; 1 for two empty masks."""
    union = int((truth | predicted).sum())
    return int((truth & predicted).sum()) / union if union else 1.0


def _click(
    session: TrackingSession, object_id: str, frame_index: int, truth: Mask, number: int
) -> tuple[FramePrompt, FrameResult]:
    clicks: tuple[Click, ...] = (first_click(truth),)
    result = session.prompt(object_id, frame_index, FramePrompt(clicks=clicks))
    while len(clicks) < number and (click := next_click(truth, result.mask)) is not None:
        clicks = (*clicks, click)
        result = session.prompt(object_id, frame_index, FramePrompt(clicks=clicks))
    return FramePrompt(clicks=clicks), result
