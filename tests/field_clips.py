"""Interlaced clips: frames whose lines show two moments, as cameras of several kinds write them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.backend.videos.media.field_pictures import access_units
from tests.clips import HEIGHT, WIDTH, draw_frame

NUM_FRAMES = 31
RATE = Fraction(30000, 1001)
_INTERLACED = 1 << 18 | 1 << 29  # FFmpeg's AV_CODEC_FLAG_INTERLACED_DCT and _ME


def two_moments(index: int) -> np.ndarray:
    """A frame whose upper field shows one moment, and whose lower field a later one; with the frame's code."""
    first, second = draw_frame(index).rgb.copy(), draw_frame(index + 8).rgb
    first[41::2] = second[41::2]
    return first


def interlaced(path: Path, muxer: str, encoder: str, **options: str) -> Path:
    with av.open(str(path), "w", format=muxer) as output:
        stream = output.add_stream(encoder, rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 8_000_000
        stream.codec_context.flags |= _INTERLACED
        for index in range(NUM_FRAMES):
            frame = av.VideoFrame.from_ndarray(two_moments(index), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, 1 / RATE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def field_packets(path: Path) -> Path:
    """A transport stream in which every field is a packet of its own, as 1080i cameras write it."""
    luma = [np.clip(two_moments(i).mean(axis=2), 16, 235).astype(np.uint8)[:224] for i in range(NUM_FRAMES)]
    elementary = path.with_suffix(".h264")
    units = access_units([(each[0::2], each[1::2]) for each in luma])
    elementary.write_bytes(b"".join(units))
    with av.open(str(elementary), "r", format="h264") as template, av.open(str(path), "w", format="mpegts") as output:
        stream = output.add_stream_from_template(template.streams.video[0])
        for index, unit in enumerate(units):
            packet = av.Packet(unit)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 180000), index % 2 == 0
            packet.pts = packet.dts = index * 3003
            output.mux(packet)
    return path


def hevc_fields(path: Path, *, upper_first: bool, muxer: str = "mpegts") -> Path:
    """HEVC in which every field is a picture of half the height."""
    with av.open(str(path), "w", format=muxer) as output:
        options = {
            "x265-params": f"log-level=none:interlace={'tff' if upper_first else 'bff'}:repeat-headers=1:keyint=10"
        }
        stream = output.add_stream("libx265", rate=2 * RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT // 2, "yuv420p"
        for number in range(2 * NUM_FRAMES):
            lines = two_moments(number // 2)[number % 2 if upper_first else 1 - number % 2 :: 2]
            field = av.VideoFrame.from_ndarray(np.ascontiguousarray(lines), format="rgb24")
            field.pts, field.time_base = number, 1 / (2 * RATE)
            output.mux(stream.encode(field))
        output.mux(stream.encode(None))
    return path


def combing(picture: np.ndarray) -> float:
    """How much more neighbouring lines differ than every second one, below the bar code."""
    rows = picture[48:224].astype(float).mean(axis=2)
    return float(np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean())
