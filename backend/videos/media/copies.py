"""A source whose packets already are what a proxy's have to be is copied and not encoded again."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyAV's stubs leave the type parameters of streams and packets open.

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext
from av.video.reformatter import ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

KEY_FRAME_INTERVAL = 24  # frames; a seek decodes at most this many
MUXER_OPTIONS = {"movflags": "+faststart", "use_editlist": "0"}
_PROFILES = {"Constrained Baseline", "Main", "High"}
_MOST_BYTES = 0.1  # for each pixel on average: more would make browsers wait
_IDR = 5


@dataclass(frozen=True, slots=True)
class Copyable:
    """A stream that might be copied, as far as its packets have been seen."""

    num_pixels: int
    num_frames: int = 0
    num_bytes: int = 0
    since_key: int = 0

    @classmethod
    def of(cls, stream: VideoStream) -> Copyable | None:
        """H.264 in the colours of a proxy, with square pixels and without reordering."""
        context = stream.codec_context
        fits = (
            context.name == "h264"
            and context.profile in _PROFILES
            and context.pix_fmt == "yuv420p"
            and int(context.colorspace) == Colorspace.ITU709
            and int(context.color_trc) == ColorTrc.BT709
            and int(context.color_range) == ColorRange.MPEG
            and not context.has_b_frames
            and stream.sample_aspect_ratio in (None, 1)
            and context.width % 2 == context.height % 2 == 0
        )
        return cls(context.width * context.height) if fits else None

    def followed_by(self, packet: av.Packet[VideoStream]) -> Copyable | None:
        """With one more packet, or None if it breaks the rules."""
        is_key = packet.is_keyframe
        if packet.pts is None or packet.pts != packet.dts or packet.is_discard or packet.is_corrupt:
            return None
        if (is_key and not _is_idr(bytes(packet))) or (not is_key and self.num_frames == 0):
            return None
        since_key = 1 if is_key else self.since_key + 1
        if since_key > KEY_FRAME_INTERVAL:
            return None
        return replace(
            self, num_frames=self.num_frames + 1, num_bytes=self.num_bytes + packet.size, since_key=since_key
        )

    def at(self, rate: Fraction, times: list[int], time_base: Fraction) -> bool:
        """Whether frame i is shown at i / rate, and the file is no larger than it should be."""
        exact = all(abs((t - times[0]) * time_base - i / rate) <= time_base for i, t in enumerate(times))
        return exact and self.num_bytes <= _MOST_BYTES * self.num_pixels * self.num_frames


def copy_packets(path: Path, target: Path, rate: Fraction, *, demuxer: str) -> None:
    """Write the first stream's packets, packet i shown at i / rate. Their pictures stay the same to the bit."""
    with (
        av.open(str(path), "r", format=demuxer) as container,
        av.open(str(target), "w", format="mp4", options=MUXER_OPTIONS) as output,
    ):
        original = container.streams.video[0]
        stream = output.add_stream_from_template(original)
        stream.time_base = 1 / rate
        # The stream itself also says its rate, as fields a second.
        timing = BitStreamFilterContext(f"h264_metadata=tick_rate={2 * rate}", original, stream)
        timed = chain.from_iterable(timing.filter(each) for each in container.demux(original) if each.size)
        for index, packet in enumerate(timed):
            packet.stream = stream
            packet.time_base = 1 / rate
            packet.pts = packet.dts = index
            packet.duration = 1
            output.mux(packet)


def retime(proxy: Path, rate: Fraction) -> None:
    """Show frame i of a finished proxy at i / rate."""
    made = proxy.with_name("retimed.mp4")
    copy_packets(proxy, made, rate, demuxer="mov")
    made.replace(proxy)


def _is_idr(data: bytes) -> bool:
    """Whether the first slice of an MP4's or Matroska's packet begins anew, so that no frame refers beyond it."""
    at = 0
    while at + 4 < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4] & 0x1F
        if 1 <= kind <= _IDR:
            return kind == _IDR
        at += 4 + length
    return False
