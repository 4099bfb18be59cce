"""Connected pieces against a flood fill, pixel by pixel, and the rules of filling and dropping."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from model_server.masks import components

masks = numpy_strategies.arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24)))


def flooded(mask: np.ndarray) -> list[np.ndarray]:
    """Every piece of a mask as a mask of its own, by walking from pixel to pixel, in reading order."""
    rest, pieces = mask.copy(), []
    for start in np.argwhere(mask):
        if not rest[tuple(start)]:
            continue
        piece, border = np.zeros_like(mask), [tuple(start)]
        rest[tuple(start)] = False
        while border:
            y, x = border.pop()
            piece[y, x] = True
            for ny in range(max(y - 1, 0), min(y + 2, mask.shape[0])):
                for nx in range(max(x - 1, 0), min(x + 2, mask.shape[1])):
                    if rest[ny, nx]:
                        rest[ny, nx] = False
                        border.append((ny, nx))
        pieces.append(piece)
    return pieces


def snail(height: int, width: int) -> np.ndarray:
    """One winding line: the piece whose ends are farthest apart."""
    mask = np.zeros((height, width), bool)
    mask[::2] = True
    mask[1::4, -1] = True
    mask[3::4, 0] = True
    return mask


@given(masks)
@settings(max_examples=300, deadline=None)
def test_any_mask_has_the_pieces_of_a_flood_fill(mask: np.ndarray):
    labels, areas = components.label(mask)
    pieces = flooded(mask)
    assert areas.tolist() == [int((~mask).sum()), *(int(piece.sum()) for piece in pieces)]
    for number, piece in enumerate(pieces, start=1):
        np.testing.assert_array_equal(labels == number, piece)


@given(masks, st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_small_holes_are_filled_and_small_specks_dropped(mask: np.ndarray, under: int):
    holes = [piece for piece in flooded(~mask) if piece.sum() < under]
    np.testing.assert_array_equal(components.fill_holes(mask, under=under), np.logical_or.reduce([mask, *holes]))
    pieces = flooded(mask)
    kept = [piece for piece in pieces if piece.sum() >= under] or sorted(pieces, key=np.sum, reverse=True)[:1]
    expected = np.logical_or.reduce([np.zeros_like(mask), *kept])
    np.testing.assert_array_equal(components.drop_specks(mask, under=under), expected)


@given(masks, st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_pieces_up_to_an_area_are_those_and_no_others(mask: np.ndarray, max_area: int):
    small = [piece for piece in flooded(mask) if piece.sum() <= max_area]
    expected = np.logical_or.reduce([np.zeros_like(mask), *small])
    np.testing.assert_array_equal(components.pieces_up_to(mask, max_area), expected)


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (7, 5)])
def test_empty_and_full_masks(shape: tuple[int, int], value: bool):
    mask = np.full(shape, value)
    labels, areas = components.label(mask)
    assert areas.tolist() == ([0, mask.size] if value else [mask.size])
    assert (labels == int(value)).all()
    np.testing.assert_array_equal(components.drop_specks(mask, under=1000), mask)


def test_a_winding_line_is_one_piece():
    labels, areas = components.label(snail(301, 400))
    assert areas.size == 2
    assert areas[1] == (labels == 1).sum()


def test_the_inputs_are_not_written_to():
    mask = snail(9, 12)
    before = mask.copy()
    components.fill_holes(mask, under=100)
    components.drop_specks(mask, under=100)
    np.testing.assert_array_equal(mask, before)


def test_a_full_hd_mask_with_thousands_of_specks_takes_less_than_fifty_milliseconds():
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:1080, :1920]
    mask = (rows - 500) ** 2 + (columns - 900) ** 2 < 400**2
    mask ^= generator.random(mask.shape) < 0.01
    seconds = []
    for _ in range(5):
        start = time.thread_time()
        cleaned = components.drop_specks(components.fill_holes(mask, under=200), under=200)
        seconds.append(time.thread_time() - start)
    assert components.label(cleaned)[1].size == 2
    assert min(seconds) < 0.05


def test_without_specks_fills_small_holes_first_and_then_drops_every_small_piece() -> None:
    ring = np.zeros((20, 20), bool)
    ring[2:8, 2:8] = True
    ring[4:6, 4:6] = False  # 32 pixels around a hole of 4
    ring[15, 15] = True
    assert components.without_specks(ring, under=5).sum() == 36
    assert components.without_specks(ring, under=36).sum() == 36
    assert components.without_specks(ring, under=37).sum() == 0
