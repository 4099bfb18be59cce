"""High dynamic range becomes standard range at ingest: white is white, colors are those that were drawn."""

from pathlib import Path

import pytest

from tests.backend.videos.media.recorded import ingested, pictures
from tests.graded_clip import assert_drawn_colors, graded


@pytest.mark.parametrize(
    ("transfer", "pixels", "full"),
    [
        ("pq", "yuv420p10le", False),
        ("hlg", "yuv420p10le", False),
        ("pq", "yuv420p12le", False),
        ("pq", "yuv444p10le", True),
    ],
)
def test_drawn_colors_come_back(tmp_path: Path, transfer: str, pixels: str, full: bool) -> None:
    made = ingested(graded(tmp_path / "graded.mkv", transfer, pixels, full=full), tmp_path / "made")
    assert made.warnings == ["is high dynamic range: its colors were mapped to standard range"]
    assert_drawn_colors(pictures(tmp_path / "made")[1])
