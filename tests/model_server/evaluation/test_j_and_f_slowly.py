"""J and F against a second implementation that is slow and plainly follows the definition."""

import math

import numpy as np
import pytest

from model_server.evaluation.j_and_f import contour_accuracy, region_similarity

Mask = np.ndarray


def slow_j(truth: Mask, predicted: Mask) -> float:
    true = {tuple(pixel) for pixel in np.argwhere(truth)}
    guess = {tuple(pixel) for pixel in np.argwhere(predicted)}
    return len(true & guess) / len(true | guess) if true | guess else 1.0


def slow_f(truth: Mask, predicted: Mask) -> float:
    radius = math.ceil(0.008 * math.sqrt(truth.shape[0] ** 2 + truth.shape[1] ** 2))
    true, guess = slow_boundary(truth), slow_boundary(predicted)
    if not true and not guess:
        return 1.0
    if not true or not guess:
        return 0.0

    def share_near(pixels: list[tuple[int, int]], others: list[tuple[int, int]]) -> float:
        near = [any((y - v) ** 2 + (x - u) ** 2 <= radius**2 for v, u in others) for y, x in pixels]
        return sum(near) / len(near)

    precision, recall = share_near(guess, true), share_near(true, guess)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def slow_boundary(mask: Mask) -> list[tuple[int, int]]:
    height, width = mask.shape
    found = []
    for y in range(height):
        for x in range(width):
            right = (y, x + 1) if x + 1 < width else None
            below = (y + 1, x) if y + 1 < height else None
            corner = (y + 1, x + 1) if right and below else None
            if any(mask[y, x] != mask[place] for place in (right, below, corner) if place):
                found.append((y, x))
    return found


def scribble(rng: np.random.Generator, height: int, width: int) -> Mask:
    """A few rectangles and specks, some cut off by the border, some with holes."""
    mask = np.zeros((height, width), bool)
    for _ in range(rng.integers(0, 4)):
        y, x = rng.integers(-5, height), rng.integers(-5, width)
        rows, columns = (
            slice(max(y, 0), max(y + rng.integers(1, 15), 0)),
            slice(max(x, 0), max(x + rng.integers(1, 20), 0)),
        )
        mask[rows, columns] = rng.random() < 0.8
    mask[rng.integers(0, height, 3), rng.integers(0, width, 3)] ^= rng.random(3) < 0.3
    return mask


@pytest.mark.parametrize("seed", range(60))
def test_random_masks_and_their_perturbations_score_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # The diagonal decides the tolerance: 1 to 3 pixels here.
    height, width = [(24, 30), (40, 150), (30, 260)][seed % 3]
    truth = scribble(rng, height, width)
    predicted = np.roll(truth, rng.integers(-4, 5, 2), axis=(0, 1)) if seed % 2 else scribble(rng, height, width)
    assert region_similarity(truth, predicted) == pytest.approx(slow_j(truth, predicted), abs=1e-12)
    assert contour_accuracy(truth, predicted) == pytest.approx(slow_f(truth, predicted), abs=1e-12)
