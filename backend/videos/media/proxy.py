"""Write the proxy: one frame per source frame, shown at i / rate, in a form that every browser decodes exactly."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyAV's stubs leave the type parameters of streams and packets open.

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.reformatter import ColorTrc
from av.video.stream import VideoStream

from backend.videos.media.geometry import Converter, Geometry, geometry_for
from backend.videos.media.protocol import Options, Unusable
from backend.videos.media.source import Source

_KEY_FRAME_INTERVAL = 24  # frames; a seek decodes at most this many
_HDR_TRANSFERS = {ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67}
_CRF = "19"
_ENCODER_OPTIONS = {
    "preset": "veryfast",
    "crf": _CRF,
    "profile": "high",
    # Closed groups of fixed length without reordering: packet i is frame i, and no edit list shifts it.
    "x264-params": f"keyint={_KEY_FRAME_INTERVAL}:min-keyint={_KEY_FRAME_INTERVAL}:scenecut=0:bframes=0:open-gop=0",
}
_MUXER_OPTIONS = {"movflags": "+faststart", "use_editlist": "0"}


@dataclass(slots=True)
class Written:
    """What was written. `source_pts[i]` is frame i's time in the source's time base; None if it had none."""

    geometry: Geometry
    source_pts: list[int | None] = field(default_factory=list[int | None])
    is_hdr: bool = False
    changes_size: bool = False


def write_proxy(source: Source, target: Path, rate: Fraction, *, on_frame: Callable[[int], None]) -> Written:
    """Decode, convert and encode every frame.

    Raises:
        Unusable: no frame could be decoded, or there are too many.
    """
    frames = source.frames()
    first = next(frames, None)
    if first is None:
        raise Unusable("has no frame that can be decoded")
    written = Written(geometry_for(first, source.pixel_aspect, long_side=source.options.long_side))
    written.is_hdr = int(first.color_trc) in _HDR_TRANSFERS
    converter = Converter(written.geometry)
    with av.open(str(target), "w", format="mp4", options=_MUXER_OPTIONS) as output:
        stream = _stream(output, written.geometry, rate, source.options)
        for frame in chain([first], frames):
            index = len(written.source_pts)
            if index >= source.options.max_frames:
                raise Unusable(f"has more than {source.options.max_frames} frames")
            written.changes_size |= (frame.width, frame.height) != (first.width, first.height)
            picture = converter.convert(frame)
            picture.pts = index
            picture.time_base = 1 / rate
            output.mux(stream.encode(picture))
            written.source_pts.append(frame.pts)
            on_frame(index + 1)
        output.mux(stream.encode(None))
    return written


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
