"""Which masks become masklets, and on which frames they are looked for."""

from fractions import Fraction
from uuid import UUID

import numpy as np
import pytest
from pycocotools import mask as coco

from backend.autolabel.schemas import AutoLabelingCreate
from backend.autolabel.selection import choose, key_frames
from backend.autolabel.thresholds import settled
from backend.videos.ready_video import ReadyVideo
from model_server.contract.masks import EncodedMask
from model_server.contract.search import FoundMask

ANY = AutoLabelingCreate(min_area=0.0, max_area=1.0)


def box(x: int, y: int, side: int) -> np.ndarray:
    mask = np.zeros((100, 100), np.uint8)
    mask[y : y + side, x : x + side] = 1
    return mask


def counts(mask: np.ndarray) -> bytes:
    return bytes(coco.encode(np.asfortranarray(mask))["counts"])


def found(mask: np.ndarray) -> FoundMask:
    return FoundMask(
        t="mask",
        mask=EncodedMask(size=(100, 100), counts=counts(mask).decode()),
        area=int(mask.sum()),
        box=(0, 0, 1, 1),
        predicted_iou=0.9,
        stability=0.9,
        point=(0.5, 0.5),
        model_version="x",
    )


def chosen(masks: list[np.ndarray], known: list[np.ndarray], *, first: bool = True, at_most: int = 9) -> list[int]:
    """Indices of the masks that were chosen."""
    candidates = [found(mask) for mask in masks]
    kept = choose(candidates, [counts(mask) for mask in known], ANY, first=first, at_most=at_most)
    return [candidates.index(mask) for mask in kept]


def test_the_best_come_first_and_twins_of_them_go() -> None:
    masks = [box(0, 0, 40), box(1, 1, 40), box(50, 50, 30), box(0, 0, 20)]
    assert chosen(masks, []) == [0, 2, 3]
    assert chosen(masks, [], at_most=2) == [0, 2]


def test_a_mask_that_a_masklet_has_already_is_not_a_new_one() -> None:
    assert chosen([box(2, 2, 40), box(50, 50, 30)], [box(0, 0, 40)]) == [1]


def test_parts_are_news_on_the_first_frame_and_covered_later() -> None:
    part, half_covered = box(10, 10, 15), box(30, 0, 20)
    assert chosen([part], [box(0, 0, 40)], first=True) == [0]
    assert chosen([part, half_covered], [box(0, 0, 40)], first=False) == [1]


def test_two_masklets_cover_together_what_neither_covers_alone() -> None:
    assert chosen([box(30, 0, 20)], [box(0, 0, 38), box(42, 0, 38)], first=False) == []


def test_masks_that_are_too_small_or_too_large_are_left_out() -> None:
    masks = [found(box(0, 0, side)) for side in (3, 20, 90)]
    assert choose(masks, [], AutoLabelingCreate(), first=True, at_most=9) == [masks[1]]


@pytest.mark.parametrize(
    ("every", "expected"), [(None, [0]), (4.0, [0, 96, 192]), (0.5, list(range(0, 240, 12))), (1.1, [0, 28, 56])]
)
def test_key_frames_lie_on_the_annotation_grid(every: float | None, expected: list[int]) -> None:
    video = ReadyVideo(UUID(int=1), 320, 240, num_frames=240, fps=Fraction(24), stride=4, proxy_key="none")
    frames = key_frames(video, AutoLabelingCreate(every_seconds=every))
    assert frames[: len(expected)] == expected
    assert all(frame % 4 == 0 for frame in frames)


def test_released_models_are_asked_as_sa_v_was_made_and_what_a_person_chose_stays() -> None:
    released = settled(AutoLabelingCreate(min_stability=0.5), "sam2.1_hiera_tiny")
    assert (released.grids, released.min_predicted_iou, released.min_stability) == ((32, 16, 4), 0.8, 0.5)
    own = settled(AutoLabelingCreate(), "builtin")
    assert (own.grids, own.min_predicted_iou, own.min_stability) == ((16,), 0.3, 0.7)
