"""Write the proxy: one frame per source frame, shown at i / rate, in a form that every browser decodes exactly."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyAV's stubs leave the type parameters of streams and packets open.

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
from av import VideoFrame
from av.container import OutputContainer
from av.video.stream import VideoStream

from backend.videos.media.companion import Companion
from backend.videos.media.copies import KEY_FRAME_INTERVAL, MUXER_OPTIONS
from backend.videos.media.geometry import Converter, Geometry, geometry_for
from backend.videos.media.protocol import Options, Unusable
from backend.videos.media.source import Source
from model_server.pictures.fields import whole_pictures
from model_server.pictures.tone_map import HighRange, ToneMapper

_FRAMES_AHEAD = 8  # that are converted and wait for the encoder
_ENCODER_OPTIONS = {
    # "superfast" takes half as long again, and what it writes twice as long to decode: people step through it all day.
    # One quantizer for all frames needs a fifth less time than a rate factor, which looks at each frame beforehand.
    "preset": "ultrafast",
    "qp": "23",
    "profile": "baseline",
    "a53cc": "0",  # no captions of the source
    # Closed groups of fixed length without reordering: packet i is frame i, and no edit list shifts it.
    "x264-params": f"keyint={KEY_FRAME_INTERVAL}:min-keyint={KEY_FRAME_INTERVAL}:scenecut=0:bframes=0:open-gop=0",
}


@dataclass(slots=True)
class Written:
    """What was written. `source_pts[i]` is frame i's time in the source's time base; None if it had none."""

    geometry: Geometry
    source_pts: list[int | None] = field(default_factory=list[int | None])
    high_range: HighRange | None = None
    changes_size: bool = False


def write_proxy(
    source: Source, target: Path, rate: Fraction, *, on_frame: Callable[[int], None], companion: Companion
) -> Written:
    """Decode, convert and encode every frame, and let the companion review it: each on a thread, for other frames.

    Raises:
        Unusable: no frame could be decoded, or there are too many.
    """
    frames = whole_pictures(source.frames(), source.facts["codec"])
    first = next(frames, None)
    if first is None:
        raise Unusable("has no frame that can be decoded. It may be damaged: upload another copy")
    written = Written(geometry_for(first, source.pixel_aspect, long_side=source.options.long_side))
    written.high_range = HighRange.of(first)
    pictures = _pictures(chain([first], frames), written, source.options, target.parent)
    with (
        av.open(str(target), "w", format="mp4", options=MUXER_OPTIONS) as output,
        ThreadPoolExecutor(max_workers=1) as encoder,
    ):
        stream = _stream(output, written.geometry, rate, source.options)
        waiting: deque[Future[None]] = deque()
        for index, picture in enumerate(pictures):
            picture.pts = index
            picture.time_base = 1 / rate
            waiting.append(encoder.submit(_encode, output, stream, picture, companion))
            if len(waiting) > _FRAMES_AHEAD:
                waiting.popleft().result()
            on_frame(index + 1)
        for each in waiting:
            each.result()
        _encode(output, stream, None, companion)
    return written


def _pictures(frames: Iterator[VideoFrame], written: Written, options: Options, folder: Path) -> Iterator[VideoFrame]:
    """The frames as the proxy's, noted in `written`."""
    geometry, kind = written.geometry, written.high_range
    converter = Converter(geometry)
    scaled = (geometry.scaled_width, geometry.scaled_height)
    mapper = None if kind is None else ToneMapper(kind, size=scaled, folder=folder)
    size: tuple[int, int] | None = None
    for frame in frames:
        if len(written.source_pts) >= options.max_frames:
            raise Unusable(f"has more than {options.max_frames} frames: cut it into shorter videos")
        written.source_pts.append(frame.pts)
        size = size or (frame.width, frame.height)
        written.changes_size |= (frame.width, frame.height) != size
        yield converter.convert(frame if mapper is None else mapper.map(frame))


def _encode(output: OutputContainer, stream: VideoStream, picture: VideoFrame | None, companion: Companion) -> None:
    for packet in stream.encode(picture):
        companion.take(bytes(cast("av.Packet[VideoStream]", packet)), stream.codec_context.extradata or b"")
        output.mux(packet)


def _stream(output: OutputContainer, geometry: Geometry, rate: Fraction, options: Options) -> VideoStream:
    stream = output.add_stream("libx264", rate=rate, options=dict(_ENCODER_OPTIONS))
    stream.width, stream.height = geometry.width, geometry.height
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.thread_count = options.threads
    context.sample_aspect_ratio = Fraction(1)
    context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
    context.color_range = 1  # limited
    return stream
