"""The order in which a propagation visits frames."""

from collections.abc import Iterator
from dataclasses import dataclass

from model_server.contract.tracking import PropagateRequest
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
    """One object on one frame."""

    object_id: str
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


def steps_in_order(request: PropagateRequest) -> Iterator[Step]:
    """Frame by frame, so that the objects of a frame share its features."""
    skipped = {(skip.object_id, skip.frame_index) for skip in request.skip}
    span = Span(request.first_frame, request.last_frame, request.start_frame, request.direction)
    for frame_index, direction in frames_in_order(span):
        for tracked in request.objects:
            if (tracked.object_id, frame_index) not in skipped:
                yield Step(tracked.object_id, frame_index, direction)
