"""Run lengths from outside, checked before anything decodes them."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco

from backend.annotation.record.masks import checked_mask, empty_mask
from backend.annotation.record.problems import BadMask
from model_server.contract.masks import EncodedMask
from tests.backend.workplace import encoded

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))
masks = arrays.arrays(bool, shapes)


@given(masks)
def test_every_mask_comes_back_with_its_counts_its_area_and_its_box(mask: np.ndarray) -> None:
    checked = checked_mask(EncodedMask(**encoded(mask)), height=mask.shape[0], width=mask.shape[1])
    assert checked.counts.decode() == encoded(mask)["counts"]
    assert checked.area == mask.sum()
    rows, columns = np.nonzero(mask)
    box = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1) if mask.any() else None
    assert checked.box == box


@given(st.text(st.characters(min_codepoint=32, max_codepoint=130), min_size=1, max_size=30))
def test_any_text_is_either_a_mask_of_the_frame_or_refused(counts: str) -> None:
    try:
        checked = checked_mask(EncodedMask(size=(6, 7), counts=counts), height=6, width=7)
    except BadMask:
        return
    assert coco.decode({"size": [6, 7], "counts": checked.counts}).sum() == checked.area


@given(masks, st.integers(0, 200), st.integers(48, 111))
def test_a_changed_character_never_gets_runs_through_that_do_not_fill_the_frame(
    mask: np.ndarray, at: int, code: int
) -> None:
    counts = encoded(mask)["counts"]
    at %= len(counts)
    changed = counts[:at] + chr(code) + counts[at + 1 :]
    height, width = mask.shape
    try:
        checked = checked_mask(EncodedMask(size=(height, width), counts=changed), height=height, width=width)
    except BadMask:
        return
    assert coco.decode({"size": [height, width], "counts": checked.counts}).shape == (height, width)


def test_the_published_spelling_of_an_empty_mask_is_ours() -> None:
    assert empty_mask(height=480, width=848).counts == b"P`]<"


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(BadMask, match="3 x 2"):
        checked_mask(EncodedMask(size=(2, 3), counts="6"), height=2, width=4)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_empty_runs_are_merged_as_if_the_pixels_had_been_encoded(runs: list[int]) -> None:
    height = sum(runs) or 1
    filled = runs if sum(runs) else [1]
    pixels = np.repeat(np.arange(len(filled)) & 1, filled).astype(bool).reshape((height, 1))
    spelled = coco.frPyObjects({"size": [height, 1], "counts": filled}, height, 1)["counts"].decode()
    checked = checked_mask(EncodedMask(size=(height, 1), counts=spelled), height=height, width=1)
    assert checked.counts.decode() == encoded(pixels)["counts"]


def test_a_mask_of_a_large_frame_is_checked_without_unpacking_its_pixels() -> None:
    height, width = 4320, 7680
    mask = np.zeros((height, width), bool)
    mask[1000:1200, 3000:3300] = True
    sent = EncodedMask(**encoded(mask))
    tracemalloc.start()
    checked = checked_mask(sent, height=height, width=width)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (checked.area, checked.box) == (60_000, (3000, 1000, 300, 200))
    assert peak < height * width / 20
