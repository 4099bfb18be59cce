"""The interactive protocols of SAM 2 (section 6.1 and appendix F.1.2): mask quality against annotation effort.

Offline, the annotator watches the whole video after every propagation and corrects its worst frame. Online, they go
through it once and stop where the mask has become bad. Frames are 0-based indices; masks are (H, W) bool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model_server.evaluation.assistance import CLICKS_PER_VISIT, Assistance
from model_server.evaluation.j_and_f import region_similarity, score_object
from model_server.evaluation.vos import first_visible
from model_server.segmenter import Mask

Protocol = Literal["offline", "online"]
BAD_IOU = 0.75
"""Online, the annotator stops and corrects a frame below this IoU."""
MAX_CORRECTED_FRAMES = 8
ENOUGH = 0.8
"""J&F of masks that can be kept as they are; effort is also told as the seconds until then."""
_LOOK_SECONDS_PER_FRAME = 30 / 300
_LOCATE_SECONDS = 1.0
_CLICK_SECONDS = 1.5
_CORRECT_SECONDS = _LOCATE_SECONDS + _CLICK_SECONDS * CLICKS_PER_VISIT


@dataclass(frozen=True, slots=True)
class Effort:
    """The quality of one object's masks after some corrected frames, and what they cost."""

    corrected_frames: tuple[int, ...]
    num_clicks: int
    seconds: float
    """Annotation time by the paper's model: watching, locating the error, clicking."""
    j: float
    f: float

    @property
    def j_and_f(self) -> float:
        """The mean of J and F, 0..1."""
        return (self.j + self.f) / 2


def offline_seconds(num_video_frames: int, num_corrected: int) -> float:
    """Annotation time in seconds if the whole video is watched before each correction."""
    return (_LOOK_SECONDS_PER_FRAME * num_video_frames + _CORRECT_SECONDS) * num_corrected


def online_seconds(num_video_frames: int, num_corrected: int) -> float:
    """Annotation time in seconds if the video is watched once."""
    return _LOOK_SECONDS_PER_FRAME * num_video_frames + _CORRECT_SECONDS * num_corrected


def work_offline(
    assistance: Assistance, truths: Mapping[int, Mask], num_video_frames: int, max_corrected: int = MAX_CORRECTED_FRAMES
) -> list[Effort]:
    """Correct the first visible frame, then repeatedly the worst one; the effort and quality after each.

    Ends early once every annotated frame is perfect. ValueError for an object that is never visible.
    """
    scored = _frames_to_score(truths)
    frame, corrected, num_clicks, course = scored[0], list[int](), 0, list[Effort]()
    while len(corrected) < max_corrected:
        num_clicks += assistance.correct(frame, truths[frame])
        corrected.append(frame)
        masks = _pass_forward(assistance, scored)
        seconds = offline_seconds(num_video_frames, len(corrected))
        course.append(_effort(corrected, num_clicks, seconds, truths, masks))
        ious = {index: region_similarity(truths[index], masks[index]) for index in scored}
        frame = min(scored, key=lambda index: ious[index])
        if ious[frame] == 1:
            break
    return course


def work_online(
    assistance: Assistance, truths: Mapping[int, Mask], num_video_frames: int, max_corrected: int
) -> Effort:
    """Go through the video once and correct where the mask is bad, up to a limit; earlier frames keep their masks.

    ValueError for an object that is never visible.
    """
    scored = _frames_to_score(truths)
    corrected, num_clicks, masks = list[int](), 0, dict[int, Mask]()
    for index in range(scored[0], scored[-1] + 1):
        if index == scored[0]:
            is_bad = True
        else:
            mask = assistance.carry(index)
            if index not in truths:
                continue
            masks[index] = mask
            is_bad = region_similarity(truths[index], mask) < BAD_IOU
        if is_bad and len(corrected) < max_corrected:
            num_clicks += assistance.correct(index, truths[index])
            corrected.append(index)
            masks[index] = assistance.carry(index)
    return _effort(corrected, num_clicks, online_seconds(num_video_frames, len(corrected)), truths, masks)


def seconds_until_enough(course: Sequence[Effort]) -> float | None:
    """Annotation time until an object's J&F is `ENOUGH`; None if no effort of its course gets there."""
    return next((effort.seconds for effort in course if effort.j_and_f >= ENOUGH), None)


def median_seconds(seconds: Sequence[float | None]) -> float | None:
    """The median over objects, of which those that never get there count as the longest; None if it is one of them."""
    ordered = sorted(np.inf if each is None else each for each in seconds)
    middle = float(np.mean([ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]]))
    return middle if np.isfinite(middle) else None


def mean_curve(courses: Sequence[Sequence[Effort]], length: int) -> list[float]:
    """Mean J&F (0..1) over objects after 1, 2, ... corrected frames; one that needed fewer keeps its final score."""
    padded = [[*(effort.j_and_f for effort in course)] for course in courses]
    return [float(np.mean([values[min(step, len(values) - 1)] for values in padded])) for step in range(length)]


def _frames_to_score(truths: Mapping[int, Mask]) -> list[int]:
    start = first_visible(truths)
    return [frame for frame in sorted(truths) if frame >= start]


def _pass_forward(assistance: Assistance, scored: Sequence[int]) -> dict[int, Mask]:
    wanted = set(scored)
    masks: dict[int, Mask] = {}
    for index in range(scored[0], scored[-1] + 1):
        mask = assistance.carry(index)
        if index in wanted:
            masks[index] = mask
    return masks


def _effort(
    corrected: Sequence[int], num_clicks: int, seconds: float, truths: Mapping[int, Mask], masks: Mapping[int, Mask]
) -> Effort:
    frames = sorted(masks)
    score = score_object([truths[frame] for frame in frames], [masks[frame] for frame in frames])
    return Effort(tuple(corrected), num_clicks, seconds, score.j, score.f)
