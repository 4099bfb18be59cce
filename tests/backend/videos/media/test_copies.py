"""A file that already is what a proxy has to be is copied; whatever breaks one rule is encoded anew."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from backend.videos.media.protocol import FRAME_TABLE
from tests.backend.videos.media.recorded import indices, ingested
from tests.clips import HEIGHT, WIDTH, draw_frame

NUM_FRAMES = 50


def proxy_like(path: Path, *, x264: str = "", rotated: bool = False, uneven: bool = False, tags: int = 1) -> Path:
    with av.open(str(path), "w", format="mp4") as output:
        params = f"keyint=24:min-keyint=24:scenecut=0:bframes=0:open-gop=0{x264}"
        stream = output.add_stream("libx264", rate=25, options={"crf": "18", "x264-params": params})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = tags
        context.time_base = Fraction(1, 1000)
        if rotated:
            stream.set_display_rotation(90)
        for index in range(NUM_FRAMES):
            frame = av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")
            frame.pts, frame.time_base = 40 * index + (15 * (index % 2) if uneven else 0), Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_its_packets_stay_the_same_to_the_bit(tmp_path: Path) -> None:
    path = proxy_like(tmp_path / "clip.mp4")
    made = ingested(path, tmp_path / "made")
    assert packets(tmp_path / "made" / "proxy.mp4")[1:] == packets(path)[1:]
    assert indices(tmp_path / "made") == list(range(NUM_FRAMES))
    assert (made.num_frames, Fraction(made.fps_num, made.fps_den), made.warnings) == (NUM_FRAMES, 25, [])
    assert (tmp_path / "made" / FRAME_TABLE).exists()


def test_a_video_of_record_is_copied_when_it_is_uploaded_again(tmp_path: Path) -> None:
    ingested(proxy_like(tmp_path / "clip.mp4", x264=":bframes=2"), tmp_path / "made")
    ingested(tmp_path / "made" / "proxy.mp4", tmp_path / "again")
    assert packets(tmp_path / "again" / "proxy.mp4")[1:] == packets(tmp_path / "made" / "proxy.mp4")[1:]


@pytest.mark.parametrize(
    "broken",
    [
        {"x264": ":bframes=2"},
        {"x264": ":keyint=48"},
        {"x264": ":tff=1"},
        {"rotated": True},
        {"uneven": True},
        {"tags": 2},
    ],
    ids=str,
)
def test_what_breaks_a_rule_is_encoded_anew(tmp_path: Path, broken: dict[str, object]) -> None:
    path = proxy_like(tmp_path / "clip.mp4", **broken)  # type: ignore[arg-type]
    made = ingested(path, tmp_path / "made")
    assert made.num_frames == NUM_FRAMES
    assert packets(tmp_path / "made" / "proxy.mp4")[1:] != packets(path)[1:]


def test_a_damaged_file_is_not_copied(tmp_path: Path) -> None:
    path = proxy_like(tmp_path / "clip.mp4")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = np.random.default_rng(2).bytes(5000)
    path.write_bytes(content)
    made = ingested(path, tmp_path / "made")
    assert made.warnings


def test_a_project_of_smaller_videos_gets_a_smaller_one(tmp_path: Path) -> None:
    made = ingested(proxy_like(tmp_path / "clip.mp4"), tmp_path / "made", long_side=160)
    assert (made.width, made.height) == (160, 120)
