"""The steps of a stored session as plain values, and the frames that a propagation visits.

Points are in pixels of the video as displayed; frame indices are 0-based.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Literal

from model_server.segmenter import Direction, FramePrompt

Course = Literal["forward", "backward", "both"]
"""`both`: forward from the start, then backward from it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The complete prompt of one object on one frame, replacing any earlier one."""

    object_id: str
    frame_index: int
    prompt: FramePrompt


@dataclass(frozen=True, slots=True)
class Clear:
    """Undo the prompt of an object on a frame."""

    object_id: str
    frame_index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Forget an object. Results already produced for it stay."""

    object_id: str


@dataclass(frozen=True, slots=True)
class Propagate:
    """Propagate objects through [first_frame, last_frame], both included."""

    course: Course = "forward"
    start_frame: int | None = None
    """None: every object starts from its own earliest conditioning frame, or its latest if going backward."""
    first_frame: int = 0
    last_frame: int | None = None
    """None: the last frame of the video."""
    object_ids: tuple[str, ...] | None = None
    """None: all objects that have been prompted."""
    locked: tuple[int, ...] = ()
    """Barriers: every object stops before the nearest locked frame in either direction."""


Step = Prompt | Clear | Remove | Propagate


@dataclass(frozen=True, slots=True)
class Visit:
    """One frame, and the objects tracked on it together."""

    frame_index: int
    direction: Direction
    object_ids: tuple[str, ...]


def visits(step: Propagate, starts: Mapping[str, int], num_frames: int) -> Iterator[Visit]:
    """Every object on every frame of the range once, going outward from its start frame (`starts`, by object)."""
    last = num_frames - 1 if step.last_frame is None else step.last_frame
    open_frames = {name: _open_frames(step, start, last) for name, start in starts.items()}
    for visit in _outward(step, starts, last):
        there = tuple(name for name in visit.object_ids if visit.frame_index in open_frames[name])
        if there:
            yield Visit(visit.frame_index, visit.direction, there)


def _open_frames(step: Propagate, start: int, last: int) -> Set[int]:
    before = max((frame + 1 for frame in step.locked if frame < start), default=step.first_frame)
    after = min((frame - 1 for frame in step.locked if frame > start), default=last)
    return set(range(before, after + 1)).difference(step.locked)


def _outward(step: Propagate, starts: Mapping[str, int], last: int) -> Iterator[Visit]:
    """As `visits`, but without barriers."""
    if not starts:
        return
    if step.course != "backward":
        for frame in range(max(step.first_frame, min(starts.values())), last + 1):
            yield from _visit(frame, "forward", {name for name, start in starts.items() if start <= frame}, starts)
    if step.course != "forward":
        # With `both`, the start frame has been visited already.
        ahead = step.course == "both"
        for frame in range(min(last, max(starts.values()) - ahead), step.first_frame - 1, -1):
            yield from _visit(
                frame, "backward", {name for name, start in starts.items() if start - ahead >= frame}, starts
            )


def _visit(frame: int, direction: Direction, there: Set[str], starts: Mapping[str, int]) -> Iterator[Visit]:
    if there:
        yield Visit(frame, direction, tuple(name for name in starts if name in there))
