"""What is seen in packets while they are encoded is what the finished file shows, or it is looked at again."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.videos.media import protocol, transcoder
from backend.videos.media.companion import Companion
from backend.videos.media.copies import retime
from backend.videos.media.proxy import write_proxy
from backend.videos.media.review import review
from backend.videos.media.source import Source, probe
from backend.videos.media_process import options_from
from tests.backend.videos.media.recorded import ingested
from tests.clips import write_clip

NUM_FRAMES = 50  # several groups of pictures
RATE = Fraction(30)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    clip = write_clip(tmp_path / "clip.mp4", "b_frames_edit_list", NUM_FRAMES)
    return probe(clip, options_from(Settings(), long_side=1920))


def looked_at(_count: int) -> None:
    pass


def test_a_clip_is_reviewed_while_it_is_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the file was decoded again")

    monkeypatch.setattr(transcoder, "review", never)
    folder = tmp_path / "made"
    folder.mkdir()
    made = ingested(write_clip(tmp_path / "clip.mp4", "b_frames_edit_list", NUM_FRAMES), folder)
    rate = Fraction(made.fps_num, made.fps_den)
    again = review(folder / protocol.PROXY, num_frames=NUM_FRAMES, rate=rate, on_frame=looked_at)
    table = json.loads((folder / protocol.FRAME_TABLE).read_text())
    assert (table["luma_crc"], table["key_frames"]) == (again.luma_crc, again.key_frames)
    assert (made.width, made.height) == (again.width, again.height)
    assert (folder / protocol.POSTER).exists()


def test_a_file_that_holds_other_packets_is_looked_at_again(source: Source, tmp_path: Path) -> None:
    proxy = tmp_path / protocol.PROXY
    with Companion(proxy, NUM_FRAMES) as companion:
        write_proxy(source, proxy, RATE, on_frame=looked_at, companion=companion)
        kept = proxy.read_bytes()
        assert companion.review(RATE) is not None
        retime(proxy, Fraction(25))
        assert companion.review(Fraction(25)) is not None
        assert companion.review(RATE) is None  # the same packets at other times
        at = kept.index(b"mdat") + len(kept[kept.index(b"mdat") :]) // 2
        proxy.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
        assert companion.review(RATE) is None


def test_another_number_of_frames_than_expected_is_looked_at_again(source: Source, tmp_path: Path) -> None:
    proxy = tmp_path / protocol.PROXY
    with Companion(proxy, NUM_FRAMES + 1) as companion:
        write_proxy(source, proxy, RATE, on_frame=looked_at, companion=companion)
        assert companion.review(RATE) is None
