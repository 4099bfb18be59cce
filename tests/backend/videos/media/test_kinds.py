"""Kinds of files: each is recognised by its bytes, and its frames arrive in order; what is none is refused."""

from fractions import Fraction
from pathlib import Path

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


def test_no_project_allows_a_video_of_record_larger_than_an_uploaded_frame_may_be() -> None:
    longest = ProjectCreate.model_json_schema()["properties"]["long_side"]["maximum"]
    assert Settings().max_pixels >= longest**2
