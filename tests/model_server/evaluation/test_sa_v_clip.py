"""SA-V's training layout as ground truth."""

from pathlib import Path

import numpy as np
import pytest

from model_server.evaluation.sa_v_clip import _stride, read_sa_v
from tests.clips import draw_frame
from tests.model_server.retraining.sa_v_folder import write_sa_v


def test_masklets_lie_on_the_frames_they_were_drawn_on(tmp_path: Path) -> None:
    clip = read_sa_v(write_sa_v(tmp_path, ("ball",)) / "ball_manual.json")
    assert (clip.name, clip.video) == ("ball", tmp_path / "ball.mp4")
    truths = clip.truths["0"]
    assert list(truths) == [0, 4, 8, 12]
    assert np.array_equal(truths[8], draw_frame(8).truth)


@pytest.mark.parametrize(
    ("num_annotated", "num_frames", "seconds", "stride"),
    [
        pytest.param(121, 483, 20.1, 4, id="the published example"),
        pytest.param(2, 5, 5 / 24, 4, id="short: 3 fits too, but 6 a second is usual"),
        pytest.param(30, 30, 1.25, 1, id="every frame"),
        pytest.param(10, 100, 10.0, 10, id="one a second"),
    ],
)
def test_the_stride_follows_from_the_counts(num_annotated: int, num_frames: float, seconds: float, stride: int) -> None:
    assert _stride(num_annotated, num_frames, seconds) == stride


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x_manual.json"
    for text in ("[]", "{}", "no", '{"masklet": [], "video_frame_count": 4, "video_duration": 1, "masklet_id": []}'):
        path.write_text(text)
        with pytest.raises(ValueError, match="not an SA-V annotation"):
            read_sa_v(path)
