"""A click corrects the mask that a person sees: what it is not about stays as it was, to the pixel."""

import numpy as np
import pytest

from model_server.masks.components import label
from model_server.models.registry import build
from model_server.segmenter import Click, FramePrompt, Mask, VideoSegmenter
from tests.model_server.moving_disc import MovingDisc

HEIGHT, WIDTH = 360, 480  # of which the cells of the network see every fourth pixel or so


@pytest.fixture(scope="module")
def model() -> VideoSegmenter:
    return build("builtin", "cpu")


@pytest.fixture
def video() -> MovingDisc:
    return MovingDisc(height=HEIGHT, width=WIDTH)


def combed(video: MovingDisc) -> Mask:
    """The disc with teeth of two pixels along its edge, which no cell can hold."""
    mask = video.disc(0)
    rows = np.arange(HEIGHT) % 4 < 2
    return mask | (np.roll(mask, 6, axis=1) & rows[:, None])


def changes_without(click: Click, before: Mask, after: Mask) -> int:
    """Pixels that changed in places that do not hold the click."""
    changed = before ^ after
    assert changed[round(click.y), round(click.x)]
    places, _ = label(changed)
    return int((changed & (places != places[round(click.y), round(click.x)])).sum())


def test_a_click_on_a_drawn_mask_leaves_its_detail_elsewhere(model: VideoSegmenter, video: MovingDisc) -> None:
    session, drawn = model.open(video), combed(video)
    session.prompt("a", 0, FramePrompt(mask=drawn))
    click = Click(20.0, 20.0, positive=True)
    assert changes_without(click, drawn, session.prompt("a", 0, FramePrompt((click,))).mask) == 0


def test_a_click_on_a_carried_mask_leaves_its_outline_elsewhere(model: VideoSegmenter, video: MovingDisc) -> None:
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    carried = session.track("a", 1, "forward").mask
    click = Click(20.0, 20.0, positive=True)
    assert changes_without(click, carried, session.prompt("a", 1, FramePrompt((click,))).mask) == 0
