"""The promptable protocols of SAM 2 (section 6.1 and appendix F.1.2): quality against the annotator's effort.

Offline, the annotator looks at the whole video after every propagation and corrects its worst frame. Online, they go
through it once and stop where the mask has become bad. Frames are indices of the video of record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.assistance import CLICKS_PER_VISIT, Assistance
from model_server.evaluation.j_and_f import region_similarity, score_object

Mask = NDArray[np.bool_]
Protocol = Literal["offline", "online"]
BAD_IOU = 0.75
"""Online: below this the annotator stops and corrects."""
MAX_CORRECTED_FRAMES = 8
_LOOK_SECONDS_PER_FRAME = 30 / 300
_LOCATE_SECONDS = 1.0
_CLICK_SECONDS = 1.5
_CORRECT_SECONDS = _LOCATE_SECONDS + _CLICK_SECONDS * CLICKS_PER_VISIT


@dataclass(frozen=True, slots=True)
class Effort:
    """Where one object stands after so many corrected frames."""

    corrected_frames: tuple[int, ...]
    num_clicks: int
    seconds: float
    """By the paper's time model: looking, finding the spot, clicking."""
    j: float
    f: float

    @property
    def j_and_f(self) -> float:
        """Mean of region and contour score, 0..1."""
        return (self.j + self.f) / 2


def offline_seconds(num_video_frames: int, num_corrected: int) -> float:
    """The whole video is watched before each correction."""
    return (_LOOK_SECONDS_PER_FRAME * num_video_frames + _CORRECT_SECONDS) * num_corrected


def online_seconds(num_video_frames: int, num_corrected: int) -> float:
    """The video is watched once."""
    return _LOOK_SECONDS_PER_FRAME * num_video_frames + _CORRECT_SECONDS * num_corrected


def work_offline(
    assistance: Assistance, truths: Mapping[int, Mask], num_video_frames: int, max_corrected: int = MAX_CORRECTED_FRAMES
) -> list[Effort]:
    """Correct the first visible frame, then the worst one again and again; how it stands after each.

    Ends early when every annotated frame is perfect. ValueError for an object that is never visible.
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
    """Go through the video once, stopping where the mask is bad while corrections are left; frames behind stay.

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


def mean_curve(courses: Sequence[Sequence[Effort]], length: int) -> list[float]:
    """Mean J&F over objects after 1, 2, ... corrected frames; an object that needed fewer stays where it ended."""
    padded = [[*(effort.j_and_f for effort in course)] for course in courses]
    return [float(np.mean([values[min(step, len(values) - 1)] for values in padded])) for step in range(length)]


def _frames_to_score(truths: Mapping[int, Mask]) -> list[int]:
    annotated = sorted(truths)
    start = next((frame for frame in annotated if truths[frame].any()), None)
    if start is None:
        raise ValueError("the object is never visible")
    return [frame for frame in annotated if frame >= start]


def _pass_forward(assistance: Assistance, scored: Sequence[int]) -> dict[int, Mask]:
    wanted = set(scored)
    masks = {}
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
