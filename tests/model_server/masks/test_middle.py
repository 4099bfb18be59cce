"""The middle of a mask: distances are exact."""

import numpy as np

from model_server.masks.middle import distance_inside


def test_distances_are_euclidean_and_the_frame_ends_the_object() -> None:
    rng = np.random.default_rng(0)
    mask = np.pad(rng.random((12, 15)) > 0.3, 1)
    outside = np.argwhere(~mask)
    expected = [[np.hypot(*(outside - (y, x)).T).min() for x in range(mask.shape[1])] for y in range(mask.shape[0])]
    assert np.allclose(distance_inside(mask), expected)


def test_distances_without_an_outside_above_or_below_are_found_sideways() -> None:
    mask = np.ones((5, 9), bool)
    mask[:, 8] = False
    assert distance_inside(mask).tolist() == [[8, 7, 6, 5, 4, 3, 2, 1, 0]] * 5
