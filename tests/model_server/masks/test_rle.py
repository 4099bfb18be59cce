"""Run lengths: byte for byte those of pycocotools, and strict about anything else."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies
from pycocotools import mask as coco

from model_server.masks import rle

SA_V_EXAMPLE = Path(__file__).parents[4] / "shared/data/clips/sav_000001_head/sav_000001_manual.json"

masks = numpy_strategies.arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def coco_counts(mask: np.ndarray) -> str:
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode("ascii")


def blobs(height: int, width: int, seed: int) -> np.ndarray:
    """Smooth shapes with long runs, as real masks have."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    mask = np.zeros((height, width), dtype=bool)
    for _ in range(6):
        y, x, radius = generator.uniform(0, height), generator.uniform(0, width), generator.uniform(1, height / 2)
        mask ^= (rows - y) ** 2 + (columns - x) ** 2 < radius**2
    return mask


@given(masks)
@settings(max_examples=300, deadline=None)
def test_any_mask_encodes_to_the_bytes_of_pycocotools_and_back(mask: np.ndarray):
    counts = rle.encode(mask)
    assert counts == coco_counts(mask)
    np.testing.assert_array_equal(rle.decode(counts, height=mask.shape[0], width=mask.shape[1]), mask)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("height", "width"), [(480, 848), (1080, 1920), (37, 1023), (2161, 5)])
def test_large_shapes_encode_to_the_bytes_of_pycocotools_and_back(height: int, width: int, seed: int):
    mask = blobs(height, width, seed)
    counts = rle.encode(mask)
    assert counts == coco_counts(mask)
    np.testing.assert_array_equal(rle.decode(counts, height=height, width=width), mask)
    assert rle.area(counts, height=height, width=width) == mask.sum()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (7, 1), (3, 5), (480, 848), (1081, 1921)])
@pytest.mark.parametrize("value", [False, True])
def test_empty_and_full_masks_of_odd_sizes_match_pycocotools(height: int, width: int, value: bool):
    mask = np.full((height, width), value)
    counts = rle.encode(mask)
    assert counts == coco_counts(mask)
    assert rle.area(counts, height=height, width=width) == (height * width if value else 0)
    np.testing.assert_array_equal(rle.decode(counts, height=height, width=width), mask)


def test_the_empty_mask_of_the_sa_v_paper_size_is_the_published_string():
    assert rle.encode(np.zeros((848, 480), dtype=bool)) == "P`]<"


def test_a_full_hd_mask_takes_less_than_five_milliseconds_of_processor_time():
    mask = blobs(1080, 1920, 3)
    counts = rle.encode(mask)

    def fastest(work: Callable[[], object]) -> float:
        seconds = []
        for _ in range(10):
            start = time.thread_time()
            work()
            seconds.append(time.thread_time() - start)
        return min(seconds)

    assert fastest(lambda: rle.encode(mask)) < 0.005
    assert fastest(lambda: rle.decode(counts, height=1080, width=1920)) < 0.005


def test_a_strided_view_encodes_like_its_copy():
    mask = blobs(90, 120, 1)[::2, ::-1]
    assert rle.encode(mask) == coco_counts(mask)


@pytest.mark.parametrize(
    "counts",
    ["", "~~~", "P", "P`]<P`]<", "\x01", "é", "o" * 30 + "0", "1N"],
    ids=["nothing", "above the alphabet", "cut off", "too long", "below the alphabet", "not ASCII", "huge", "negative"],
)
def test_malformed_counts_are_refused(counts: str):
    with pytest.raises(ValueError, match="run lengths"):
        rle.decode(counts, height=848, width=480)


@given(st.text(alphabet=[chr(code) for code in range(48, 112)], min_size=1, max_size=40))
@settings(max_examples=500, deadline=None)
def test_arbitrary_counts_decode_to_a_full_frame_or_are_refused(counts: str):
    try:
        mask = rle.decode(counts, height=11, width=13)
    except ValueError:
        return
    assert mask.shape == (11, 13)
    assert mask.sum() == rle.area(counts, height=11, width=13)


@pytest.mark.skipif(not SA_V_EXAMPLE.exists(), reason="the published SA-V example is not on this machine")
def test_every_published_sa_v_mask_decodes_and_encodes_to_the_same_string():
    masklet = json.loads(SA_V_EXAMPLE.read_text())["masklet"]
    published = [mask for frame in masklet for mask in frame]
    assert len(published) == 605
    for mask in published:
        height, width = mask["size"]
        assert rle.encode(rle.decode(mask["counts"], height=height, width=width)) == mask["counts"]
