"""Automatic masks: the grids, the filters and the cleaning, and our own recording of all of it.

The recording was made on a day when every recording of the released generator passed
(test_automatic_masks_golden.py). To make it anew after that:
`python -m tests.model_server.models.sam2.images.test_automatic_masks`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from model_server.mask_search import SA_V_OPTIONS, AutomaticMask, AutomaticOptions
from model_server.masks import components, rle
from model_server.models.sam2.images.automatic_masks import AutomaticSearch, automatic_masks, crops_of
from model_server.models.sam2.images.image_segmenter import EncodedImage, ImageAnswer
from model_server.models.sam2.network.prediction import PromptTensors
from tests.model_server.models.sam2.images.test_image import HEIGHT, WIDTH, encoded, picture

RECORDING = Path(__file__).parents[4] / "golden" / "automatic_masks.json"
LIVELY = AutomaticOptions(
    grids=(4,), min_predicted_iou=0.3, min_stability=0.1, mask_threshold=9.0, points_per_batch=7, clean_under=0
)
"""Random weights propose scattered masks; these thresholds let some through."""
CASES = {
    "whole": LIVELY,
    "crops": replace(LIVELY, grids=(6, 4, 1), mask_threshold=16.0, min_predicted_iou=0.2, points_per_batch=16),
    "refined": replace(LIVELY, mask_threshold=2.0, min_predicted_iou=0.01, min_stability=0.05, refine=True),
    "cleaned": replace(LIVELY, clean_under=40),
}


@cache
def found(options: AutomaticOptions) -> list[AutomaticMask]:
    return automatic_masks(encoded().segmenter, picture(), options)


@pytest.mark.parametrize("case", CASES)
def test_the_same_masks_are_found_as_before(case: str) -> None:
    recorded = json.loads(RECORDING.read_text())[case]
    ours = [asdict(mask) for mask in found(CASES[case])]
    assert len(ours) == len(recorded) > 0
    for mask, before in zip(ours, recorded, strict=True):
        drawn = rle.decode(mask.pop("counts"), height=HEIGHT, width=WIDTH)
        drawn_before = rle.decode(before.pop("counts"), height=HEIGHT, width=WIDTH)
        assert (drawn != drawn_before).sum() <= 20
        assert abs(mask.pop("area") - before.pop("area")) <= 20
        assert mask.pop("predicted_iou") == pytest.approx(before.pop("predicted_iou"), abs=1e-4)
        assert mask.pop("stability") == pytest.approx(before.pop("stability"), abs=2e-2)
        assert {key: list(value) for key, value in mask.items()} == before


def test_the_sa_v_grids_ask_2304_points_on_21_crops() -> None:
    crops = crops_of(1080, 1920, SA_V_OPTIONS)
    assert [crop.points_per_side for crop in crops] == [32] + [16] * 4 + [4] * 16
    assert sum(len(crop.grid()) for crop in crops) == 32**2 + 4 * 16**2 + 16 * 4**2


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (848, 480), (37, 501), (100, 100)])
def test_every_layer_of_crops_covers_the_image_and_overlaps(height: int, width: int) -> None:
    crops = crops_of(height, width, SA_V_OPTIONS)
    for layer in (crops[1:5], crops[5:]):
        covered = np.zeros((height, width), int)
        for crop in layer:
            assert 0 <= crop.x0 < crop.x1 <= width
            assert 0 <= crop.y0 < crop.y1 <= height
            covered[crop.y0 : crop.y1, crop.x0 : crop.x1] += 1
        assert covered.min() >= 1
        assert covered[height // 2, width // 2] == 4


def test_grid_points_are_the_centres_of_equal_cells_row_by_row() -> None:
    crop = crops_of(30, 60, AutomaticOptions(grids=(3,)))[0]
    assert crop.grid()[:4].tolist() == [[10, 5], [30, 5], [50, 5], [10, 15]]


def test_masks_are_as_described() -> None:
    for mask in found(CASES["crops"]):
        drawn = rle.decode(mask.counts, height=HEIGHT, width=WIDTH)
        rows, columns = np.nonzero(drawn)
        assert mask.area == drawn.sum()
        assert mask.box == (columns.min(), rows.min(), np.ptp(columns), np.ptp(rows))
        x, y, width, height = mask.crop_box
        assert drawn[y : y + height, x : x + width].sum() == mask.area
        assert x <= mask.point[0] < x + width
        assert y <= mask.point[1] < y + height
        assert mask.predicted_iou > CASES["crops"].min_predicted_iou
        assert mask.stability >= CASES["crops"].min_stability


def test_masks_cut_by_an_inner_edge_of_their_crop_are_left_out() -> None:
    inner = [mask for mask in found(CASES["crops"]) if mask.crop_box != (0, 0, WIDTH, HEIGHT)]
    assert inner
    for mask in inner:
        x0, y0 = mask.crop_box[0], mask.crop_box[1]
        x1, y1 = x0 + mask.crop_box[2], y0 + mask.crop_box[3]
        left, top = mask.box[0], mask.box[1]
        right, bottom = left + mask.box[2], top + mask.box[3]
        assert left > x0 + 20 or left <= 20
        assert top > y0 + 20 or top <= 20
        assert right < x1 - 20 or right >= WIDTH - 20
        assert bottom < y1 - 20 or bottom >= HEIGHT - 20


def test_cleaned_masks_have_no_small_holes_and_no_specks() -> None:
    def smallest(masks: list[AutomaticMask]) -> int:
        drawn = [rle.decode(mask.counts, height=HEIGHT, width=WIDTH) for mask in masks]
        return min(int(components.label(each)[1][1:].min()) for mask in drawn for each in (mask, ~mask))

    assert smallest(found(CASES["whole"])) < 40
    assert smallest(found(CASES["cleaned"])) >= 40


def test_stricter_thresholds_leave_fewer_masks_and_impossible_ones_none() -> None:
    everything = replace(LIVELY, max_box_iou=1.0)
    lenient, strict = found(everything), found(replace(everything, min_predicted_iou=0.9))
    assert {mask.counts for mask in strict} < {mask.counts for mask in lenient}
    assert found(replace(LIVELY, min_predicted_iou=1.0)) == []
    assert found(replace(LIVELY, mask_threshold=1e4)) == []


def test_progress_counts_every_point_and_may_end_the_search() -> None:
    told: list[tuple[int, int]] = []
    segmenter, image = encoded().segmenter, picture()
    automatic_masks(segmenter, image, CASES["crops"], lambda asked, total: told.append((asked, total)))
    asked = [asked for asked, _ in told]
    assert asked == sorted(asked)
    assert set(asked) >= {0, 16, 32, 36}
    assert told[-1] == (36 + 4 * 16 + 16, 36 + 4 * 16 + 16)

    def leave(asked: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        automatic_masks(segmenter, image, CASES["crops"], leave)


def test_a_step_that_ran_out_of_memory_can_be_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = found(CASES["crops"])
    answer, asked = EncodedImage.answer, []

    def short_of_memory_now_and_then(image: EncodedImage, prompts: PromptTensors, *, multimask: bool) -> ImageAnswer:
        asked.append(prompts)
        if len(asked) % 3 == 2:
            raise MemoryError
        return answer(image, prompts, multimask=multimask)

    monkeypatch.setattr(EncodedImage, "answer", short_of_memory_now_and_then)
    search, failed, going_on = AutomaticSearch(encoded().segmenter, picture(), CASES["crops"]), 0, True
    while going_on:
        try:
            going_on = search.step()
        except MemoryError:
            failed += 1
    assert failed > 0
    assert search.asked == search.total
    assert search.found() == expected


def test_asking_no_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        AutomaticOptions(grids=())


if __name__ == "__main__":
    records = {case: [asdict(mask) for mask in found(options)] for case, options in CASES.items()}
    RECORDING.write_text(json.dumps(records, indent=1) + "\n")
