"""The interactive protocols on clips: the course of every object in every phase, and mean curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from model_server.evaluation.assistance import ASSISTANCE
from model_server.evaluation.clip_folder import ClipFolder
from model_server.evaluation.interaction import (
    Effort,
    Protocol,
    mean_curve,
    median_seconds,
    seconds_until_enough,
    work_offline,
    work_online,
)
from model_server.measurement.clips import open_clip
from model_server.measurement.vos_report import percent
from model_server.segmenter import VideoSegmenter


@dataclass(frozen=True, slots=True)
class AnnotationCourse:
    """One object in one phase: effort and quality after each corrected frame (offline) or for each limit (online)."""

    clip: str
    object_id: str
    phase: str
    efforts: tuple[Effort, ...]


@dataclass(frozen=True, slots=True)
class PhaseMean:
    """Means over objects: J&F in percent after 1, 2, ... corrected frames, its average, final clicks and seconds.

    Of the objects, `reached_80` come to J&F 80, in `seconds_to_80` in the median, where those that never do count as
    the longest: None if most never do.
    """

    curve: list[float]
    average: float
    clicks: float
    seconds: float
    reached_80: int
    seconds_to_80: float | None


def play_clip(
    clip: ClipFolder, model: VideoSegmenter, protocol: Protocol, phases: Sequence[str], max_corrected: int
) -> Iterator[AnnotationCourse]:
    """Annotate every object of a clip that can be scored, in every phase."""
    with open_clip(clip) as source:
        for object_id, truths in clip.truths.items():
            if sum(mask.any() for mask in truths.values()) < 3:
                continue
            for phase in phases:
                if protocol == "offline":
                    assistance = ASSISTANCE[phase](model, source)
                    efforts = work_offline(assistance, truths, source.num_frames, max_corrected)
                else:
                    efforts = list[Effort]()
                    for budget in range(1, max_corrected + 1):
                        assistance = ASSISTANCE[phase](model, source)
                        efforts.append(work_online(assistance, truths, source.num_frames, budget))
                        if len(efforts[-1].corrected_frames) < budget:
                            break  # a higher limit would not be used up either
                yield AnnotationCourse(clip.name, object_id, phase, tuple(efforts))


def as_json(courses: Sequence[AnnotationCourse], max_corrected: int) -> dict[str, object]:
    """Curves over 1, 2, ... corrected frames in percent, their averages (as in the paper), and every course."""
    means = {phase: asdict(mean) for phase, mean in mean_by_phase(courses, max_corrected).items()}
    return {"mean": means, "objects": [_course(course) for course in courses]}


def mean_by_phase(courses: Sequence[AnnotationCourse], max_corrected: int) -> Mapping[str, PhaseMean]:
    """The means over all objects, by phase."""
    means: dict[str, PhaseMean] = {}
    for phase in dict.fromkeys(course.phase for course in courses):
        listed = [course.efforts for course in courses if course.phase == phase]
        curve = mean_curve(listed, max_corrected)
        until_80 = [seconds_until_enough(efforts) for efforts in listed]
        means[phase] = PhaseMean(
            curve=[percent(value) for value in curve],
            average=percent(float(np.mean(curve))),
            clicks=float(np.mean([efforts[-1].num_clicks for efforts in listed])),
            seconds=float(np.mean([efforts[-1].seconds for efforts in listed])),
            reached_80=len(until_80) - until_80.count(None),
            seconds_to_80=median_seconds(until_80),
        )
    return means


def _course(course: AnnotationCourse) -> dict[str, object]:
    efforts = [asdict(effort) | {"j_and_f": effort.j_and_f} for effort in course.efforts]
    return {
        "clip": course.clip,
        "object": course.object_id,
        "phase": course.phase,
        "efforts": efforts,
        "seconds_to_80": seconds_until_enough(course.efforts),
    }
