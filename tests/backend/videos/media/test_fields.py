"""Interlaced files: one whole picture a frame, at the rate of the frames and not of the fields."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.backend.videos.media.recorded import indices, ingested, pictures
from tests.clips import HEIGHT, WIDTH, read_index
from tests.field_clips import NUM_FRAMES, RATE, combing, field_packets, hevc_fields, interlaced, two_moments

NOTE = "is interlaced: each frame was made whole from its two fields"


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


@pytest.mark.parametrize("upper_first", [True, False])
def test_fields_of_hevc_are_pictures_of_half_the_height_and_two_to_a_frame(tmp_path: Path, upper_first: bool) -> None:
    path = hevc_fields(tmp_path / "fields.ts", upper_first=upper_first)
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
