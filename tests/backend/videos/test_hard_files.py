"""Difficult and broken files that people really have, where they are at hand (they may not be copied into here)."""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.repository import ROOT
from tests.backend.running import RunningBackend
from tests.backend.videos.uploading import ingest

HARD = Path(os.environ.get("MASKLOOM_TEST_DATA", ROOT.parent / "shared" / "data")) / "hard"
pytestmark = pytest.mark.skipif(not HARD.is_dir(), reason="no folder of hard files (set MASKLOOM_TEST_DATA)")

# name: (width, height, frames, rate, the beginning of its warning)
DECODED: dict[str, tuple[int, int, int, Fraction, str]] = {
    "rot90_phone.mov": (320, 568, 3, Fraction(30), ""),
    "rot270_phone.mov": (320, 568, 3, Fraction(30), ""),
    "rot180_phone.mov": (568, 320, 3, Fraction(30), ""),
    "vfr_dup_pts.mp4": (1920, 880, 63, Fraction(433, 50), ""),
    "hevc_10bit.mp4": (200, 200, 30, Fraction(30), ""),
    "av1.mkv": (640, 360, 125, Fraction(25), ""),
    "vp9_alpha.webm": (200, 200, 150, Fraction(30), ""),
    "msmpeg4.avi": (640, 360, 374, Fraction(30), ""),
    "gif_odd_height.gif": (314, 274, 30, Fraction(10), ""),
    "corrupt_mid.mp4": (1280, 720, 49, Fraction(10), "corrupt_mid.mp4 is damaged: 49 of 50 frames"),
    "sav_000001_truncated_2MiB.mp4": (
        *(480, 848, 177, Fraction(24)),
        "sav_000001_truncated_2MiB.mp4 is truncated: 177 of 483 frames",
    ),
}
REFUSED = {
    "audio_only.mp4": "audio_only.mp4 has no video stream.",
    "empty.webm": "empty.webm is empty.",
    "zero_bytes.mp4": "zero_bytes.mp4 is empty.",
    "git_lfs_pointer.mp4": "git_lfs_pointer.mp4 is not a video but a Git LFS pointer, "
    "the video itself was never fetched.",
    "jpeg_named.mp4": "jpeg_named.mp4 is a JPEG image, not a video.",
}


def test_every_hard_file_has_an_expectation_here() -> None:
    names = {path.name for path in HARD.iterdir() if path.suffix != ".json"}
    assert names == {*DECODED, *REFUSED}


@pytest.mark.parametrize("name", DECODED)
async def test_a_decodable_file_becomes_a_video_of_record(backend: RunningBackend, name: str) -> None:
    width, height, num_frames, rate, warning = DECODED[name]
    video: dict[str, Any] = await ingest(backend, HARD / name)
    assert video["state"] == "ready", video["problem"]
    assert (video["width"], video["height"], video["num_frames"]) == (width, height, num_frames)
    assert Fraction(video["fps"]["num"], video["fps"]["den"]) == rate
    assert bool(video["warnings"]) == bool(warning)
    assert all(text.startswith(warning) for text in video["warnings"])


@pytest.mark.parametrize("name", REFUSED)
async def test_a_file_that_is_no_video_says_what_is_wrong(backend: RunningBackend, name: str) -> None:
    video = await ingest(backend, HARD / name)
    assert video["state"] == "failed"
    assert video["problem"]["detail"].startswith(REFUSED[name])
