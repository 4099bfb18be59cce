"""A carried mask has lost parts and taken others along, near the object's boundary."""

import numpy as np
import pytest

from model_server.training.prompt_head.damaged_masks import damaged

SQUARE = np.zeros((48, 48), np.bool_)
SQUARE[12:36, 12:36] = True


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_damage_is_of_every_degree_and_both_kinds() -> None:
    masks = [damaged(SQUARE, np.random.default_rng(seed)) for seed in range(60)]
    ious = [iou(mask, SQUARE) for mask in masks]
    assert min(ious) < 0.6
    assert max(ious) > 0.9
    assert sum((mask & ~SQUARE).sum() > 20 for mask in masks) > 20
    assert sum((SQUARE & ~mask).sum() > 20 for mask in masks) > 20
    assert all(mask.any() for mask in masks)


@pytest.mark.parametrize("cells", [1, 2])
def test_of_the_smallest_things_something_is_left(cells: int) -> None:
    tiny = np.zeros((24, 24), np.bool_)
    tiny[:cells, :cells] = True
    assert all(damaged(tiny, np.random.default_rng(seed)).any() for seed in range(40))


def test_all_of_a_window_can_be_damaged() -> None:
    assert damaged(np.ones((16, 16), np.bool_), np.random.default_rng(0)).any()


def test_the_damage_is_a_function_of_the_random_numbers() -> None:
    one, other = (damaged(SQUARE, np.random.default_rng(3)) for _ in range(2))
    assert (one == other).all()
