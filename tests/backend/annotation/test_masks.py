"""Run lengths from outside, checked before anything decodes them."""

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
