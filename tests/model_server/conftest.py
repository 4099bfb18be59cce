"""Every model there is, on a video of a moving disc."""

import pytest
import torch

from model_server.models.registry import build, weights_in_the_box
from model_server.segmenter import TrackingSession, VideoSegmenter
from tests.model_server.moving_disc import MovingDisc, make_mini


@pytest.fixture(autouse=True)
def _at_full_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tuning makes its process nice; where a test invokes the command, that is the tests' own, for good."""
    monkeypatch.setattr("os.nice", lambda _increment: 0)


@pytest.fixture(scope="module", params=["mini", "builtin"])
def model(request: pytest.FixtureRequest) -> VideoSegmenter:
    torch.set_num_threads(1)
    if request.param == "mini":
        return make_mini()
    if not weights_in_the_box().path.is_file():
        pytest.skip("the built-in weights are not in this checkout")
    return build("builtin", "cpu")


@pytest.fixture
def video() -> MovingDisc:
    return MovingDisc()


@pytest.fixture
def session(model: VideoSegmenter, video: MovingDisc) -> TrackingSession:
    return model.open(video)
