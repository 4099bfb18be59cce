"""Make whole pictures of interlaced ones: one for each frame, so that no frame is added, dropped or moved.

An interlaced frame holds two moments in alternate lines. The first moment's lines stay and the others are filled in
from the frames around (bwdif). Frames that their stream calls progressive are passed on as they are.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress

from av import VideoFrame
from av.filter import Graph

from model_server.pictures.filters import filter_chain

_DEINTERLACER = ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
_TOP_FIELDS = ("select", "'eq(interlace_type,TOPFIRST)'")


def whole_pictures(decoded: Iterable[VideoFrame], codec: str) -> Iterator[VideoFrame]:
    """What was decoded of a stream of this codec, as one whole picture a frame, in order."""
    yield from _deinterlaced(_joined_fields(decoded) if codec == "hevc" else decoded)


def _joined_fields(pictures: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """The pictures of an HEVC stream, in which a field is a picture of half the height: two fields become a frame.

    Only there does FFmpeg leave fields apart, and call nothing else interlaced. A field whose other one is missing
    gives its lines twice.
    """
    first: VideoFrame | None = None
    for picture in pictures:
        if first is not None and (not picture.interlaced_frame or _is_top(picture) == _is_top(first)):
            yield _woven(first, first)
            first = None
        if not picture.interlaced_frame:
            yield picture
        elif first is None:
            first = picture
        else:
            yield _woven(first, picture)
            first = None
    if first is not None:
        yield _woven(first, first)


def _is_top(field: VideoFrame) -> bool:
    """PyAV does not tell."""
    graph = filter_chain(field, [_TOP_FIELDS])
    graph.push(field)
    with suppress(BlockingIOError):
        graph.pull()
        return True
    return False


def _woven(first: VideoFrame, second: VideoFrame) -> VideoFrame:
    graph = filter_chain(first, [("weave", f"first_field={'top' if _is_top(first) else 'bottom'}")])
    begun = first.pts
    for field in (first, second):
        graph.push(field)
    frame = graph.pull()
    assert isinstance(frame, VideoFrame)
    frame.pts = begun  # the filter's own is in another time base
    return frame


def _deinterlaced(frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
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
