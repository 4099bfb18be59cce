"""The order in which a propagation visits frames."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from model_server.contract import wire
from model_server.contract.barriers import reach
from model_server.contract.tracking import PropagatedObject, PropagateRequest
from model_server.segmenter import Direction


@dataclass(frozen=True, slots=True)
class RunStep:
    """Some objects on one frame, tracked in one pass through the network."""

    object_ids: tuple[str, ...]
    frame_index: int
    direction: Direction


def steps_in_order(request: PropagateRequest, at_most: Callable[[], int]) -> Iterator[RunStep]:
    """Frame by frame, the objects of a frame together, or as many at a time as `at_most` allows when it is called.

    Every object stops at its own locked frames while the others continue.
    """
    skipped = {(skip.object_id, skip.frame_index) for skip in request.skip}
    open_frames = {tracked.object_id: _open_frames(request, tracked) for tracked in request.objects}
    for frame_index, direction in _frames_in_order(request):
        waiting = [
            object_id
            for object_id, frames in open_frames.items()
            if frame_index in frames and (object_id, frame_index) not in skipped
        ]
        while waiting:
            count = at_most()
            yield RunStep(tuple(waiting[:count]), frame_index, direction)
            waiting = waiting[count:]


def _frames_in_order(request: PropagateRequest) -> Iterator[tuple[int, Direction]]:
    """Every frame once: forward from the start frame, backward from it, or first one and then the other."""
    if request.direction is not wire.Direction.backward:
        for frame_index in range(request.start_frame, request.last_frame + 1):
            yield frame_index, "forward"
    if request.direction is not wire.Direction.forward:
        first_back = request.start_frame - (request.direction is wire.Direction.both)
        for frame_index in range(first_back, request.first_frame - 1, -1):
            yield frame_index, "backward"


def _open_frames(request: PropagateRequest, tracked: PropagatedObject) -> Set[int]:
    frames = reach(request.start_frame, request.first_frame, request.last_frame, tracked.locked)
    return set(frames).difference(tracked.locked)
