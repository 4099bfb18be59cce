"""Frames that a file promises and cannot give: counted, and told to the person who uploaded it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from backend.videos.media.losses import Losses, losses_of
from tests.backend.videos.media.recorded import indices, ingested, record
from tests.clips import HEIGHT, WIDTH, draw_frame

NUM_FRAMES = 78
RATE = Fraction(30000, 1001)


def long_groups(path: Path, muxer: str, first_packet: int, without: frozenset[int] = frozenset()) -> Path:
    """78 frames with key frames at 0 and 63, from one of the packets on."""
    with av.open(str(path), "w", format=muxer) as output:
        options = {"bf": "0", "x264-params": "keyint=63:min-keyint=63:scenecut=0:repeat-headers=1"}
        stream = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        packets: list[av.Packet] = []
        for index in range(NUM_FRAMES):
            frame = av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")
            packets += stream.encode(frame)
        packets += stream.encode(None)
        for index, packet in enumerate(packets):
            if index >= first_packet and index not in without:
                output.mux(packet)
    return path


@pytest.mark.parametrize("muxer", ["mpegts", "matroska"])
def test_a_start_within_a_group_of_pictures_is_told(tmp_path: Path, muxer: str) -> None:
    path = long_groups(tmp_path / "cut.dat", muxer, 5)
    made = ingested(path, tmp_path / "made")
    shown = indices(tmp_path / "made")
    assert shown == list(range(63, NUM_FRAMES))
    assert Fraction(made.fps_num, made.fps_den) == RATE
    assert made.warnings == [
        "begins within a group of pictures: its first 58 frames (1.9 s) could not be decoded and are missing"
    ]


@pytest.mark.parametrize(
    ("encoder", "muxer"),
    [("mpeg4", "matroska"), ("mpeg4", "mpegts"), ("msmpeg4", "matroska"), ("wmv2", "asf"), ("flv", "flv")],
)
def test_what_a_decoder_guesses_before_the_first_key_frame_is_not_shown(
    tmp_path: Path, encoder: str, muxer: str
) -> None:
    path = tmp_path / "cut.dat"
    with av.open(str(path), "w", format=muxer) as output:
        stream = output.add_stream(encoder, rate=25, options={"g": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        packets: list[av.Packet] = []
        for index in range(60):
            packets += stream.encode(av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24"))
        for packet in (packets + stream.encode(None))[5:]:
            output.mux(packet)
    made = ingested(path, tmp_path / "made")
    assert indices(tmp_path / "made") == list(range(20, 60))
    assert Fraction(made.fps_num, made.fps_den) == 25
    assert made.warnings == [
        "begins within a group of pictures: its first 15 frames (0.6 s) could not be decoded and are missing"
    ]


@pytest.mark.parametrize("suffix", ["ts", "mpg", "m2v", "mxf"])
def test_a_file_without_its_beginning_is_told_or_loses_nothing(tmp_path: Path, suffix: str) -> None:
    path = record(tmp_path / f"clip.{suffix}", 60)
    content = path.read_bytes()
    path.write_bytes(content[len(content) // 5 :])
    made = ingested(path, tmp_path / "made")
    shown = indices(tmp_path / "made")
    assert shown == list(range(shown[0], 60))
    assert Fraction(made.fps_num, made.fps_den) == 25


@pytest.mark.parametrize("suffix", ["mkv", "wmv", "flv", "mp4"])
def test_a_missing_end_is_told(tmp_path: Path, suffix: str) -> None:
    path = record(tmp_path / f"clip.{suffix}", 60)
    if suffix == "mp4":  # with the index first, as in files from the web
        with av.open(str(path)) as source, av.open(str(tmp_path / "web"), "w", "mp4", {"movflags": "faststart"}) as web:
            stream = web.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    web.mux(packet)
        (tmp_path / "web").replace(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 5])
    made = ingested(path, tmp_path / "made")
    shown = indices(tmp_path / "made")
    assert shown == sorted(set(shown))
    assert len(shown) < 60
    assert Fraction(made.fps_num, made.fps_den) == 25
    (warning,) = made.warnings
    assert warning.startswith(("is truncated", "is damaged"))


def test_damage_in_the_middle_is_told(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.ts", 60)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = np.random.default_rng(1).bytes(400)
    path.write_bytes(content)
    made = ingested(path, tmp_path / "made")
    assert any("damaged" in warning for warning in made.warnings), made


@pytest.mark.parametrize(
    ("packets", "frames", "has_fields", "lost"),
    [
        (range(10), range(10), False, Losses(0, 0)),
        (range(10), range(4, 10), False, Losses(4, 0)),
        (range(10), [0, 1, 2, 6, 7, 8, 9], False, Losses(0, 3)),
        (range(10), range(7), False, Losses(0, 3)),
        (range(0, 20, 1), range(0, 20, 2), True, Losses(0, 0)),
        (range(0, 20, 1), range(8, 20, 2), True, Losses(4, 0)),
        (range(0, 20, 1), [0, 2, 4, 10, 12, 14, 16, 18], True, Losses(0, 2)),
        (range(0, 20, 1), range(0, 14, 2), True, Losses(0, 3)),
        ([0, 1, 5, 30, 31, 90], [0, 1, 5, 30, 31, 90], False, Losses(0, 0)),
        ([], [0, 1], False, Losses(0, 0)),
    ],
)
def test_lost_frames_are_counted(packets: list[int], frames: list[int], has_fields: bool, lost: Losses) -> None:
    assert losses_of(list(packets), list(frames), has_fields=has_fields) == lost
