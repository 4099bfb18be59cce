"""Corrective clicks that clips need with one model and with another: what an annotator gains by fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np

from model_server.evaluation.assistance import Sam2Assistance
from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.interaction import MAX_CORRECTED_FRAMES, Effort, work_online
from model_server.measurement.clips import NoClips, find_clips, open_clip
from model_server.segmenter import VideoSegmenter

_FEWEST_VISIBLE = 3  # frames on which an object must be visible for its corrections to mean anything


@dataclass(frozen=True, slots=True)
class Corrected:
    """One object, annotated by a simulated annotator who goes through the video once.

    They begin with three clicks on the first visible frame, and click at most three times wherever the mask's IoU has
    fallen below 0.75, on at most eight frames (SAM 2, appendix F.1.2).
    """

    clip: str
    object_id: str
    effort: Effort


class CorrectionRow(TypedDict):
    """One object, or the mean of all; each list has one value per model."""

    clip: str
    object: str
    clicks: list[float]
    frames: list[float]
    j_and_f: list[float]


def corrected(model: VideoSegmenter, video: ClipFolder) -> Iterator[Corrected]:
    """Annotate every object of a clip that is visible for long enough."""
    with open_clip(video) as source:
        for object_id, truths in video.truths.items():
            if sum(bool(mask.any()) for mask in truths.values()) < _FEWEST_VISIBLE:
                continue
            effort = work_online(Sam2Assistance(model, source), truths, source.num_frames, MAX_CORRECTED_FRAMES)
            yield Corrected(video.name, object_id, effort)


def clips_of(folder: Path, skip: Sequence[str]) -> list[ClipFolder]:
    """The clips in a folder, without the objects that `skip` names as CLIP/OBJECT. ValueError if there are none."""
    try:
        clips = list(find_clips(folder))
    except NoClips as error:
        raise ValueError(str(error)) from error
    return [
        ClipFolder(
            clip.name,
            clip.video,
            {key: truths for key, truths in clip.truths.items() if f"{clip.name}/{key}" not in skip},
        )
        for clip in clips
    ]


def rows(courses: Sequence[Sequence[Corrected]]) -> list[CorrectionRow]:
    """One row per object, then the mean: clicks, corrected frames and final J&F in percent, for each model."""
    table: list[CorrectionRow] = [
        {
            "clip": first.clip,
            "object": first.object_id,
            "clicks": [course[index].effort.num_clicks for course in courses],
            "frames": [len(course[index].effort.corrected_frames) for course in courses],
            "j_and_f": [round(100 * course[index].effort.j_and_f, 1) for course in courses],
        }
        for index, first in enumerate(courses[0])
    ]
    table.append(
        {
            "clip": "mean",
            "object": "",
            "clicks": [_mean([each.effort.num_clicks for each in course]) for course in courses],
            "frames": [_mean([len(each.effort.corrected_frames) for each in course]) for course in courses],
            "j_and_f": [_mean([100 * each.effort.j_and_f for each in course]) for course in courses],
        }
    )
    return table


def line(row: CorrectionRow) -> str:
    """The row in Markdown."""
    cells = (
        f"{clicks:g} ({frames:g}), {score:.1f}"
        for clicks, frames, score in zip(row["clicks"], row["frames"], row["j_and_f"], strict=True)
    )
    return f"| {row['clip']} | {row['object']} | " + " | ".join(cells) + " |"


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 2)
