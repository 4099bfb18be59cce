"""Agreement with the phase-1 twin, and what counts as a click."""

import numpy as np
from pycocotools import mask as coco

from backend.annotation.record.tally_queries import new_clicks
from backend.insights.alignment import Agreement, Size, StoredMask, agreement, size_of
from tests.backend.workplace import click

HEIGHT, WIDTH = 60, 80


def square(left: int, side: int) -> StoredMask:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[10 : 10 + side, left : left + side] = 1
    counts = coco.encode(np.asfortranarray(mask))["counts"]
    return StoredMask(counts if isinstance(counts, bytes) else counts.encode(), side * side)


def test_frames_where_both_are_empty_are_not_compared_but_count_as_agreeing_on_presence() -> None:
    empty = square(0, 0)
    masks = {0: square(10, 20), 4: empty, 8: empty, 12: square(10, 20), 16: square(10, 20)}
    twin = {0: square(11, 20), 4: empty, 8: square(10, 20), 12: square(20, 20), 20: square(10, 20)}
    found = agreement(masks, twin, height=HEIGHT, width=WIDTH, size=Size.small)
    # frame 0: IoU 19/21; 4: both empty; 8: only the twin sees it; 12: IoU 1/3; 16 and 20: only one knows
    assert found == Agreement(num_compared=3, num_aligned=1, num_known=4, num_same_presence=3, size=Size.small)


def test_an_overlap_of_exactly_three_quarters_is_not_aligned() -> None:
    found = agreement(
        {0: square(0, 40)}, {0: StoredMask(_three_quarters(), 1200)}, height=HEIGHT, width=WIDTH, size=None
    )
    assert (found.num_compared, found.num_aligned) == (1, 0)


def _three_quarters() -> bytes:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[10:50, 0:30] = 1
    return coco.encode(np.asfortranarray(mask))["counts"]


def test_sizes_go_by_pixels_in_the_first_frame() -> None:
    areas = (None, 1, 1023, 1024, 9215, 9216)
    assert [size_of(area) for area in areas] == [None, Size.small, Size.small, Size.medium, Size.medium, Size.large]


def test_a_point_counts_when_it_is_placed_and_only_then() -> None:
    one, two, moved = click(10, 20), click(30, 40, "negative"), click(11, 20)
    assert new_clicks([], [one]) == 1
    assert new_clicks([one], [one, two]) == 1
    assert new_clicks([one, two], [one]) == 0  # taken back
    assert new_clicks([one], [moved]) == 1
    assert new_clicks([one], [one, one]) == 1  # the same place again
    assert new_clicks([one], [one]) == 0  # another candidate was chosen, or a box was added
