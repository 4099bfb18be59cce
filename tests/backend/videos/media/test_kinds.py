"""Kinds of files: each is recognised by its bytes, and its frames arrive in order; what is none is refused."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from backend.projects.schemas import ProjectCreate
from backend.settings import Settings
from backend.videos.media.container import container_of
from backend.videos.media.protocol import Unusable
from tests.backend.videos.media.recorded import KINDS, indices, ingested, record

CUT = ("ts", "mpg", "m1v", "m2v", "mxf")  # kinds that are still recognised when their beginning is missing


@pytest.mark.parametrize("suffix", KINDS)
def test_every_kind_gives_its_frames_in_order_at_their_rate(tmp_path: Path, suffix: str) -> None:
    path = record(tmp_path / f"clip.{suffix}")
    path = path.rename(tmp_path / "clip.dat")  # the name tells nothing
    made = ingested(path, tmp_path / "made")
    assert indices(tmp_path / "made") == list(range(30))
    assert (made.num_frames, Fraction(made.fps_num, made.fps_den), made.warnings) == (30, 25, [])


@pytest.mark.parametrize("suffix", CUT)
def test_a_kind_is_recognised_when_its_beginning_is_missing(tmp_path: Path, suffix: str) -> None:
    path = record(tmp_path / f"clip.{suffix}")
    demuxer = container_of(path).demuxer
    path.write_bytes(path.read_bytes()[1501:])
    assert container_of(path).demuxer == demuxer


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 8, b"words\n", b"\xff\xd8\xff\xe0" + bytes(99), b"PK\x03\x04" * 9]
)
def test_what_is_no_video_is_told_which_kinds_are_taken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(Unusable, match=r"\. Videos are taken as MP4, MOV, Matroska, .* MXF, .* GIF and animated PNG$"):
        container_of(tmp_path / "file")


def test_a_frame_of_4096_by_2160_is_kept_as_it_is(tmp_path: Path) -> None:
    """Digital cinema's, in a project whose longest side is as long."""
    path = tmp_path / "cinema.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 4096, 2160, "yuv420p"
        output.mux(stream.encode(av.VideoFrame(4096, 2160, "yuv420p")))
        output.mux(stream.encode(None))
    made = ingested(path, tmp_path / "made", long_side=4096)
    assert (made.width, made.height, made.num_frames) == (4096, 2160, 1)


def test_no_project_allows_a_video_of_record_larger_than_an_uploaded_frame_may_be() -> None:
    longest = ProjectCreate.model_json_schema()["properties"]["long_side"]["maximum"]
    assert Settings().max_pixels >= longest**2
