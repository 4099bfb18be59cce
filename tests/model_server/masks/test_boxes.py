"""Boxes of masks and non-maximum suppression against obvious loops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from model_server.masks.boxes import box_ious, boxes_of, keep_best

masks = numpy_strategies.arrays(
    np.bool_,
    st.tuples(st.integers(1, 4), st.integers(1, 12), st.integers(1, 12)),
    elements=st.sampled_from([False] * 9 + [True]),
)
corners = st.tuples(*[st.integers(0, 30)] * 4).map(
    lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)


@given(masks)
@settings(max_examples=200, deadline=None)
def test_a_box_is_the_first_and_last_row_and_column(stack: np.ndarray):
    expected = []
    for mask in stack:
        rows, columns = np.nonzero(mask)
        expected.append([columns.min(), rows.min(), columns.max(), rows.max()] if mask.any() else [0] * 4)
    assert boxes_of(torch.from_numpy(stack)).tolist() == expected


@given(
    st.lists(st.tuples(corners, st.sampled_from([0.2, 0.5, 0.5, 0.9])), min_size=1, max_size=12),
    st.sampled_from([0.1, 0.5, 0.7]),
)
@settings(max_examples=300, deadline=None)
def test_the_best_stay_and_what_overlaps_them_goes(scored: list[tuple[tuple[int, ...], float]], max_iou: float):
    kept: list[int] = []
    for index in sorted(range(len(scored)), key=lambda i: -scored[i][1]):
        if all(iou(scored[index][0], scored[other][0]) <= max_iou for other in kept):
            kept.append(index)
    boxes, scores = torch.tensor([box for box, _ in scored]), torch.tensor([score for _, score in scored])
    assert keep_best(boxes, scores, max_iou).tolist() == kept


def iou(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    both = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / union if union else 0.0


def test_a_box_without_area_overlaps_nothing():
    line = torch.tensor([[3, 3, 3, 9]])
    assert box_ious(line, line).tolist() == [[0.0]]


def test_nothing_stays_of_nothing():
    assert keep_best(torch.zeros(0, 4), torch.zeros(0), 0.7).tolist() == []


def test_boxes_refuse_what_is_not_a_stack_of_masks():
    with pytest.raises(IndexError):
        boxes_of(torch.zeros(3, dtype=torch.bool))
