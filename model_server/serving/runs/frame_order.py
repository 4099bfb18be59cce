"""The order in which a propagation visits frames."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from model_server.contract.barriers import reach
from model_server.contract.tracking import PropagatedObject, PropagateRequest
from model_server.contract.wire import Direction as WireDirection
from model_server.segmenter import Direction


@dataclass(frozen=True, slots=True)
class Span:
    """Frames [first_frame, last_frame], begun at `start_frame`."""

    first_frame: int
    last_frame: int
    start_frame: int
    direction: WireDirection


@dataclass(frozen=True, slots=True)
class Step:
    """Some objects on one frame, tracked in one pass."""

    object_ids: tuple[str, ...]
    frame_index: int
    direction: Direction


def frames_in_order(span: Span) -> Iterator[tuple[int, Direction]]:
    """Every frame once: forward from the start frame, or backward from it, or the one and then the other."""
    if span.direction is not WireDirection.backward:
        for frame_index in range(span.start_frame, span.last_frame + 1):
            yield frame_index, "forward"
    if span.direction is not WireDirection.forward:
        first_back = span.start_frame - (span.direction is WireDirection.both)
        for frame_index in range(first_back, span.first_frame - 1, -1):
            yield frame_index, "backward"


def steps_in_order(request: PropagateRequest, at_most: Callable[[], int]) -> Iterator[Step]:
    """Frame by frame, all objects of a frame together, or as many of them as `at_most` allows when it is asked.

    Every object stops at its own locked frames; the others go on.
    """
    skipped = {(skip.object_id, skip.frame_index) for skip in request.skip}
    span = Span(request.first_frame, request.last_frame, request.start_frame, request.direction)
    open_frames = {tracked.object_id: _open_frames(span, tracked) for tracked in request.objects}
    for frame_index, direction in frames_in_order(span):
        waiting = [
            object_id
            for object_id, frames in open_frames.items()
            if frame_index in frames and (object_id, frame_index) not in skipped
        ]
        while waiting:
            count = at_most()
            yield Step(tuple(waiting[:count]), frame_index, direction)
            waiting = waiting[count:]


def _open_frames(span: Span, tracked: PropagatedObject) -> Set[int]:
    frames = reach(span.start_frame, span.first_frame, span.last_frame, tracked.locked)
    return set(frames).difference(tracked.locked)
