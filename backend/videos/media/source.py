"""Read the untrusted file: list its packets and decode its pictures one by one."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.stream import Disposition
from av.video.stream import VideoStream

from backend.videos.media.container import Container, container_of
from backend.videos.media.copies import Copyable
from backend.videos.media.protocol import Options, Unusable

logging.getLogger("libav").setLevel(logging.CRITICAL)

_MAX_STREAMS = 64
_SMALLEST_SIDE = 16
_GUESSING = {
    "cinepak",
    "flv",
    "h263",
    "h263p",
    "mpeg4",
    "msmpeg4",
    "msmpeg4v1",
    "msmpeg4v2",
    "rv10",
    "rv20",
    "vc1",
    "wmv1",
    "wmv2",
}
"""Decoders that take grey for what a group's missing beginning would have shown, and go on."""
_WITH_DURATION = {"matroska", "asf", "flv", "mxf"}  # demuxers that read the duration from a header


@dataclass(slots=True)
class Source:
    """One video stream whose packets have been listed but not decoded.

    `times` are the presentation times of the packets that are shown, ascending, in units of `time_base` seconds.
    """

    path: Path
    container: Container
    options: Options
    times: list[int]
    num_packets: int
    claimed_frames: int
    time_base: Fraction
    nominal_rate: Fraction | None
    pixel_aspect: Fraction | None  # a pixel's width over its height
    facts: dict[str, Any]
    num_other_videos: int
    promised_seconds: float | None  # of the video, if the file's header tells
    is_cut_short: bool  # the file can be read only up to some place
    copyable: Copyable | None  # what its packets would be as a proxy's, if they may be
    num_damaged: int = field(default=0)
    num_flawed: int = field(default=0)
    is_interlaced: bool = field(default=False)
    decoded_times: list[int | None] = field(default_factory=list[int | None])

    def frames(self) -> Iterator[VideoFrame]:
        """Decode every picture in order of presentation, and note what that shows: times, damage, fields."""
        num_corrupt = 0
        has_begun = self.facts["codec"] not in _GUESSING
        for frame in self._decoded():
            has_begun = has_begun or frame.key_frame
            if not has_begun:
                continue
            self.decoded_times.append(frame.pts)
            num_corrupt += bool(frame.is_corrupt)
            self.is_interlaced |= bool(frame.interlaced_frame)
            yield frame
        self.num_flawed = max(self.num_flawed, num_corrupt)  # a flawed packet usually makes a flawed frame

    def _decoded(self) -> Iterator[VideoFrame]:
        with _open(self.path, self.container, self.options) as container:
            stream = _video_stream(container, self.options)
            for packet in _packets(container, stream):
                self.num_flawed += bool(packet.is_corrupt)
                try:
                    yield from packet.decode()
                except InvalidDataError:
                    self.num_damaged += 1


def probe(path: Path, options: Options) -> Source:
    """List the file's packets.

    Raises:
        Unusable: it is not a video that this program accepts.
    """
    kind = container_of(path)
    with _open(path, kind, options) as container:
        if len(container.streams) >= _MAX_STREAMS:  # what belongs to further ones would end the reading
            raise Unusable(f"has more than {_MAX_STREAMS - 1} streams")
        stream = _video_stream(container, options)
        time_base = stream.time_base or Fraction(1, 1000)
        times: list[int] = []
        num_packets = 0
        copyable = Copyable.of(stream)
        reading = Reading()
        for packet in _packets(container, stream, reading):
            if packet.size == 0:
                continue
            num_packets += 1
            copyable = copyable and copyable.followed_by(packet)
            if packet.pts is not None and not packet.is_discard:
                times.append(packet.pts)
            if num_packets > options.max_frames:
                raise Unusable(f"has more than {options.max_frames} frames: cut it into shorter videos")
        return Source(
            path=path,
            container=kind,
            options=options,
            times=sorted(times),
            num_packets=num_packets,
            claimed_frames=stream.frames,
            time_base=time_base,
            nominal_rate=stream.average_rate,
            pixel_aspect=stream.sample_aspect_ratio or None,
            facts={
                "container": container.format.name,
                "codec": stream.codec_context.name,
                "width": stream.codec_context.width,
                "height": stream.codec_context.height,
                "pixel_format": stream.codec_context.pix_fmt,
                "num_streams": len(container.streams),
                "rate": str(stream.average_rate) if stream.average_rate else None,
            },
            num_other_videos=len(_pictures(container)) - 1,
            promised_seconds=_promised_seconds(container, kind),
            is_cut_short=reading.is_cut_short,
            copyable=copyable,
        )


def _open(path: Path, kind: Container, options: Options) -> InputContainer:
    guarded = {
        "format_whitelist": kind.whitelist,
        "protocol_whitelist": "file",
        "enable_drefs": "0",
        "max_streams": str(_MAX_STREAMS),
        "max_pixels": str(options.max_pixels),
    }
    try:
        return av.open(str(path), "r", format=kind.demuxer, options=guarded, metadata_errors="replace")
    except FFmpegError as error:
        raise Unusable(f"cannot be opened: {_reason(error)}. It may be incomplete: upload another copy") from error


def _video_stream(container: InputContainer, options: Options) -> VideoStream:
    pictures = _pictures(container)
    if not pictures:
        raise Unusable("has no video stream")
    stream = pictures[0]
    context = stream.codec_context
    if context is None:  # pyright: ignore[reportUnnecessaryComparison]  # PyAV's stubs leave None out
        raise Unusable("uses a video codec that cannot be decoded here: convert it, for example to H.264")
    width, height = context.width, context.height
    if width * height > options.max_pixels:
        raise Unusable(
            f"is {width}x{height}, more than the {options.max_pixels} pixels a frame may have: scale it down"
        )
    if 0 < min(width, height) < _SMALLEST_SIDE:
        raise Unusable(f"is {width}x{height}, smaller than {_SMALLEST_SIDE} pixels")
    context.options = {"max_pixels": str(options.max_pixels)}
    context.thread_count = options.threads
    return stream


def _promised_seconds(container: InputContainer, kind: Container) -> float | None:
    """Only where no sound can be longer than the pictures, and nobody had to guess."""
    if len(container.streams) > 1 or kind.demuxer not in _WITH_DURATION or not container.duration:
        return None
    return float(container.duration / av.time_base)


def _pictures(container: InputContainer) -> list[VideoStream]:
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


@dataclass(slots=True)
class Reading:
    """How far a file could be read."""

    is_cut_short: bool = False


def _packets(
    container: InputContainer, stream: VideoStream, reading: Reading | None = None
) -> Iterator["av.Packet[VideoStream]"]:
    """The stream's packets, up to the end of the file or its first unreadable part, which is noted."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, EOFError):
            return
        except FFmpegError:
            if reading is not None:
                reading.is_cut_short = True
            return
        yield packet


def _reason(error: FFmpegError) -> str:
    return (error.strerror or type(error).__name__).lower()
