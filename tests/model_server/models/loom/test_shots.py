"""Cuts: an object is not carried into another scene, and is found again where its own comes back."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_server.evaluation.vos import iou
from model_server.masks.packed_mask import PackedMask
from model_server.models.loom.correspondence import ENCODED, SEEN_BY_TRUNK, SceneLikeness, scene_likeness
from model_server.models.loom.shots import Shots
from model_server.models.registry import build, weights_in_the_box
from model_server.segmenter import Click, FramePrompt, StoredFrame, VideoSegmenter

SIDE, CHANNELS = 64, 16


def scene(seed: int) -> Tensor:
    """(1, CHANNELS, SIDE, SIDE) places of a frame, with patches that are larger than a place."""
    drawn = torch.randn(1, CHANNELS, SIDE // 4, SIDE // 4, generator=torch.Generator().manual_seed(seed))
    return functional.normalize(functional.interpolate(drawn, scale_factor=4, mode="bilinear"), dim=1)


@pytest.mark.parametrize("likeness", [ENCODED, SEEN_BY_TRUNK])
def test_a_scene_that_moved_is_the_same_and_another_is_not(likeness: SceneLikeness) -> None:
    def like(shown: Tensor, other: Tensor) -> float:
        return scene_likeness(shown, other, likeness)

    assert like(scene(0), scene(0)) >= likeness.beside
    assert like(scene(0).roll((4, -6), dims=(2, 3)), scene(0)) >= likeness.beside
    noise = functional.normalize(
        torch.randn(1, CHANNELS, SIDE, SIDE, generator=torch.Generator().manual_seed(9)), dim=1
    )
    assert like(functional.normalize(scene(0) + 0.4 * noise, dim=1), scene(0)) >= likeness.alike
    assert max(like(scene(0), scene(other)) for other in range(1, 6)) < min(likeness.alike, likeness.beside)


@dataclass(frozen=True)
class Edited:
    """A disc before a wall in frames 0 to 4 and from 9 on, another scene between; the disc moves throughout."""

    num_frames: int = 14
    height: int = 120
    width: int = 160
    away: range = range(5, 9)

    def disc(self, frame_index: int) -> NDArray[np.bool_]:
        y, x = np.mgrid[: self.height, : self.width]
        disc = (y - 60) ** 2 + (x - 50 - 3 * frame_index) ** 2 <= 20**2
        return disc & (frame_index not in self.away)

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        other = frame_index in self.away
        random, side = (np.random.default_rng(11), 40) if other else (np.random.default_rng(7), 10)
        cells = random.integers(0, 255 if other else 110, (self.height // side, self.width // side, 3))
        image = cells.repeat(side, axis=0).repeat(side, axis=1)
        image[self.disc(frame_index)] = (235, 210, 60)
        return image.astype(np.uint8)


@pytest.fixture(scope="module")
def builtin() -> VideoSegmenter:
    torch.set_num_threads(1)
    if not weights_in_the_box().path.is_file():
        pytest.skip("the built-in weights are not in this checkout")
    return build("builtin", "cpu")


def scores(results: dict[int, NDArray[np.bool_]], video: Edited) -> dict[int, float]:
    return {index: iou(video.disc(index), mask) for index, mask in results.items()}


def test_an_object_is_away_while_another_scene_is_shown_and_found_when_its_own_returns(builtin: VideoSegmenter) -> None:
    video = Edited()
    session = builtin.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    tracked = [session.track("a", index, "forward") for index in range(1, video.num_frames)]
    assert all(
        not result.mask.any() and result.object_score < 0 for result in tracked if result.frame_index in video.away
    )
    found = scores({result.frame_index: result.mask for result in tracked}, video)
    assert min(found.values()) > 0.7


def test_the_same_backwards(builtin: VideoSegmenter) -> None:
    video = Edited()
    session = builtin.open(video)
    session.prompt("a", 12, FramePrompt(mask=video.disc(12)))
    tracked = [session.track("a", index, "backward") for index in range(11, -1, -1)]
    assert min(scores({result.frame_index: result.mask for result in tracked}, video).values()) > 0.7


def test_an_object_of_the_other_scene_ends_with_it(builtin: VideoSegmenter) -> None:
    video = Edited()
    session = builtin.open(video)
    start = np.zeros((video.height, video.width), bool)
    start[40:80, 40:80] = True
    session.prompt("a", 5, FramePrompt(mask=start))
    tracked = [session.track("a", index, "forward") for index in range(6, video.num_frames)]
    for result in tracked:
        assert (iou(start, result.mask) > 0.8) if result.frame_index in video.away else not result.mask.any()


def test_a_person_can_say_where_it_is_in_the_other_scene(builtin: VideoSegmenter) -> None:
    video = Edited()
    session = builtin.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    for index in range(1, 6):
        session.track("a", index, "forward")
    clicked = session.prompt("a", 5, FramePrompt((Click(45, 45, True),)))
    assert clicked.mask[45, 45]
    carried = session.track("a", 6, "forward")
    assert iou(clicked.mask, carried.mask) > 0.8


def test_a_restored_session_is_not_fooled_by_the_cut_either(builtin: VideoSegmenter) -> None:
    video = Edited()
    session = builtin.open(video)
    session.seed("a", StoredFrame(0, PackedMask.pack(video.disc(0)), 8.0, conditioning=True))
    for index in range(1, 7):
        score = -4.6 if index in video.away else 5.0
        session.seed("a", StoredFrame(index, PackedMask.pack(video.disc(index)), score, conditioning=False))
    tracked = [session.track("a", index, "forward") for index in range(7, video.num_frames)]
    assert min(scores({result.frame_index: result.mask for result in tracked}, video).values()) > 0.7


def test_one_odd_frame_does_not_lose_the_object(builtin: VideoSegmenter) -> None:
    video = Edited(away=range(5, 6))
    session = builtin.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    tracked = [session.track("a", index, "forward") for index in range(1, 10)]
    assert min(scores({result.frame_index: result.mask for result in tracked}, video).values()) > 0.7


def test_known_cuts_lie_between_frames_and_have_edges() -> None:
    shown = {0: 0, 1: 0, 2: 1, 3: 1, 4: 0}
    shots = Shots(_Frames(shown), ENCODED)  # pyright: ignore[reportArgumentType]
    assert not shots.cut_between(0, 4)  # nobody looked yet
    assert [shots.connected(index, index - 1) for index in range(1, 5)] == [True, False, True, False]
    assert [shots.cut_between(*pair) for pair in [(1, 2), (4, 0), (0, 1), (3, 2)]] == [True, True, False, False]
    assert shots.edges(4) == [4, 3, 2, 1]
    assert [shots.shows_again(4, 1), shots.shows_again(4, 3)] == [True, False]


@dataclass(frozen=True)
class _Frames:
    scenes: dict[int, int]

    def __getitem__(self, frame_index: int) -> Tensor:
        return scene(self.scenes[frame_index])
