"""A click corrects the mask that a person sees: what it is not about stays as it was, to the pixel."""

from dataclasses import dataclass

import numpy as np
import pytest

from model_server.evaluation.clicks import next_click
from model_server.evaluation.vos import iou
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


@dataclass(frozen=True)
class TwoColors:
    """A disc that moves to the right, of which one half looks otherwise than the other."""

    num_frames: int = 3
    height: int = 240
    width: int = 320

    def disc(self, frame_index: int) -> Mask:
        y, x = np.mgrid[: self.height, : self.width]
        return (x - self.middle(frame_index)) ** 2 + (y - 120) ** 2 <= 60**2

    def middle(self, frame_index: int) -> int:
        return 100 + 5 * frame_index

    def rgb(self, frame_index: int) -> np.ndarray:
        picture = np.random.default_rng(7).integers(0, 90, (self.height, self.width, 3), dtype=np.uint8)
        disc, right = self.disc(frame_index), np.arange(self.width) > self.middle(frame_index)
        picture[disc & ~right] += np.array([140, 120, 30], np.uint8)
        picture[disc & right] += np.array([20, 60, 150], np.uint8)
        return picture


def test_a_click_brings_the_missing_half_of_a_carried_object_back(model: VideoSegmenter) -> None:
    """Also where that half looks otherwise than what was carried; and what is predicted is about true."""
    video = TwoColors()
    session, half = model.open(video), video.disc(0)
    half[:, video.middle(0) :] = False
    session.prompt("a", 0, FramePrompt(mask=half))
    for frame in (1, 2):
        carried = session.track("a", frame, "forward")
    whole, clicks, shown = video.disc(2), list[Click](), carried.mask
    assert iou(whole, carried.mask) < 0.6
    for _ in range(3):
        missing = next_click(whole, shown & whole)
        assert missing is not None
        clicks.append(missing)
        answer = session.prompt("a", 2, FramePrompt(tuple(clicks)))
        shown = answer.mask
        assert iou(whole, shown) > 0.9
        assert answer.predicted_iou == pytest.approx(iou(whole, shown), abs=0.06)
