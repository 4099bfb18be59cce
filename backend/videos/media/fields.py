"""Make whole pictures of interlaced ones: one for each frame, so that no frame is added, dropped or moved.

An interlaced frame holds two moments in alternate lines. The first moment's lines stay and the others are filled in
from the frames around (bwdif). Frames that their stream calls progressive are passed on as they are.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress

from av import VideoFrame
from av.filter import Graph

from backend.videos.media.filters import filter_chain

_DEINTERLACER = ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")


def whole_pictures(frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """The same frames in order, deinterlaced from the first one on that is interlaced."""
    graph: Graph | None = None
    form: tuple[object, ...] = ()
    waiting: deque[int | None] = deque()  # presentation times of the frames that are in the filter
    for frame in frames:
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        if graph is None or form != _form(frame):
            yield from _rest(graph, waiting)
            graph, form = filter_chain(frame, [_DEINTERLACER]), _form(frame)
        waiting.append(frame.pts)
        graph.push(frame)
        yield from _finished(graph, waiting)
    yield from _rest(graph, waiting)


def _form(frame: VideoFrame) -> tuple[object, ...]:
    return frame.width, frame.height, frame.format.name, int(frame.colorspace), int(frame.color_range)


def _finished(graph: Graph, waiting: deque[int | None]) -> Iterator[VideoFrame]:
    with suppress(BlockingIOError, EOFError):
        while True:
            picture = graph.pull()
            assert isinstance(picture, VideoFrame)
            picture.pts = waiting.popleft()  # the filter's own are in another time base
            yield picture


def _rest(graph: Graph | None, waiting: deque[int | None]) -> Iterator[VideoFrame]:
    if graph is not None:
        graph.push(None)
        yield from _finished(graph, waiting)
    assert not waiting, f"{len(waiting)} frames stayed in the deinterlacer"
