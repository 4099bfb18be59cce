"""Interlaced files: one whole picture a frame, at the rate of the frames and not of the fields."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.backend.videos.media.field_pictures import access_units
from tests.backend.videos.media.recorded import indices, ingested, pictures
from tests.clips import HEIGHT, WIDTH, draw_frame, read_index

NUM_FRAMES = 31
RATE = Fraction(30000, 1001)
NOTE = "is interlaced: each frame was made whole from its two fields"
INTERLACED = 1 << 18 | 1 << 29  # FFmpeg's AV_CODEC_FLAG_INTERLACED_DCT and _ME


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
        stream.codec_context.flags |= INTERLACED
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


def combing(picture: np.ndarray) -> float:
    """How much more neighbouring lines differ than every second one, below the bar code."""
    rows = picture[48:224].astype(float).mean(axis=2)
    return float(np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean())


@pytest.mark.parametrize(
    ("name", "muxer", "encoder", "options"),
    [
        ("upper first.mp4", "mp4", "libx264", {"x264-params": "tff=1"}),
        ("lower first.ts", "mpegts", "libx264", {"x264-params": "bff=1"}),
        ("b frames.mkv", "matroska", "libx264", {"x264-params": "tff=1", "bf": "3"}),
        ("mpeg-2.mxf", "mxf", "mpeg2video", {}),
        ("mpeg-2.mpg", "vob", "mpeg2video", {}),
    ],
)
def test_interlaced_frames_become_whole_pictures_one_for_one(
    tmp_path: Path, name: str, muxer: str, encoder: str, options: dict[str, str]
) -> None:
    made = ingested(interlaced(tmp_path / name, muxer, encoder, **options), tmp_path / "made")
    assert (made.num_frames, Fraction(made.fps_num, made.fps_den)) == (NUM_FRAMES, RATE)
    assert indices(tmp_path / "made") == list(range(NUM_FRAMES))
    assert made.warnings == [NOTE]
    mixed = [combing(two_moments(index)) for index in range(NUM_FRAMES)]
    shown = [combing(picture) for picture in pictures(tmp_path / "made")]
    assert np.mean(shown) < 0.5 * np.mean(mixed)


def test_fields_that_are_packets_of_their_own_are_two_to_a_frame(tmp_path: Path) -> None:
    made = ingested(field_packets(tmp_path / "fields.ts"), tmp_path / "made")
    assert (made.num_frames, Fraction(made.fps_num, made.fps_den)) == (NUM_FRAMES, RATE)
    shown = pictures(tmp_path / "made")
    assert [read_index(np.pad(each, ((0, 16), (0, 0), (0, 0)))) for each in shown] == list(range(NUM_FRAMES))
    assert made.warnings == [NOTE]
    with av.open(str(tmp_path / "made" / "proxy.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.average_rate, stream.codec_context.framerate) == (RATE, RATE)


@pytest.mark.parametrize(("order", "upper_first"), [("tff", True), ("bff", False)])
def test_fields_of_hevc_are_pictures_of_half_the_height_and_two_to_a_frame(
    tmp_path: Path, order: str, upper_first: bool
) -> None:
    path = tmp_path / "fields.ts"
    with av.open(str(path), "w", format="mpegts") as output:
        options = {"x265-params": f"log-level=none:interlace={order}:repeat-headers=1:keyint=10"}
        stream = output.add_stream("libx265", rate=2 * RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT // 2, "yuv420p"
        for number in range(2 * NUM_FRAMES):
            lines = two_moments(number // 2)[number % 2 if upper_first else 1 - number % 2 :: 2]
            field = av.VideoFrame.from_ndarray(np.ascontiguousarray(lines), format="rgb24")
            field.pts, field.time_base = number, 1 / (2 * RATE)
            output.mux(stream.encode(field))
        output.mux(stream.encode(None))
    made = ingested(path, tmp_path / "made")
    assert (made.width, made.height) == (WIDTH, HEIGHT)
    assert (made.num_frames, Fraction(made.fps_num, made.fps_den)) == (NUM_FRAMES, RATE)
    assert indices(tmp_path / "made") == list(range(NUM_FRAMES))
    assert made.warnings == [NOTE]
    mixed = [combing(two_moments(index)) for index in range(NUM_FRAMES)]
    shown = [combing(picture) for picture in pictures(tmp_path / "made")]
    assert np.mean(shown) < 0.5 * np.mean(mixed)


def test_progressive_frames_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "progressive.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(5):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(two_moments(index), format="rgb24")))
        output.mux(stream.encode(None))
    made = ingested(path, tmp_path / "made")
    assert made.warnings == []
    shown = [combing(each) for each in pictures(tmp_path / "made")]
    assert all(seen > 0.9 * combing(two_moments(index)) for index, seen in enumerate(shown))
