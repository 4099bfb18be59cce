"""Regions of real frames: they cover the things that stand out, and follow them."""

import numpy as np
import pytest

pytest.importorskip("cv2", reason="needs the footage extra")

from model_server.footage.cutouts import cut_out
from model_server.footage.flow import carry, dense_flow
from model_server.footage.partition import partitions
from model_server.footage.regions import follow, layers_of

DISC = (90, 60, 25)  # x, y, radius


def scene(shift: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A grainy green wall with a grainy red disc before it: (120, 180, 3) RGB and the disc's mask."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:120, :180]
    mask = np.hypot(x - DISC[0] - shift, y - DISC[1]) < DISC[2]
    frame = np.where(mask[..., None], (200, 60, 50), (60, 140, 70)) + rng.normal(0, 6, (120, 180, 1))
    grain = np.roll(rng.normal(0, 25, (120, 180, 1)), shift, axis=1)
    return np.clip(frame + grain * mask[..., None], 0, 255).astype(np.uint8), mask


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


def best_iou(labels: np.ndarray, mask: np.ndarray) -> float:
    return max(iou(labels == value, mask) for value in np.unique(labels))


def test_partitions_are_nested_and_leave_the_disc_whole() -> None:
    frame, mask = scene()
    fine, coarse = partitions(frame, (2, 12))
    assert len(np.unique(fine)) == 12
    assert len(np.unique(coarse)) == 2
    assert all(len(np.unique(coarse[fine == piece])) == 1 for piece in range(12))
    assert best_iou(coarse, mask) > 0.75


def test_a_frame_without_edges_is_one_region() -> None:
    grey = np.full((60, 80, 3), 128, np.uint8)
    assert np.unique(partitions(grey, (8,))[0]).tolist() == [0]
    assert not layers_of(grey, []).any()


def test_a_boxed_object_is_cut_out_of_its_surroundings() -> None:
    frame, mask = scene()
    box = (62 / 180, 32 / 120, 118 / 180, 88 / 120)
    assert iou(cut_out(frame, box), mask) > 0.9
    assert iou(layers_of(frame, [box])[..., 0] == 1, mask) > 0.9


def test_flow_carries_a_mask_with_its_object() -> None:
    (first, mask), (second, moved) = scene(0), scene(4)
    carried = carry(mask.astype(np.uint8), dense_flow(second, first)) > 0
    assert iou(carried, moved) > 0.9
    assert iou(mask, moved) < 0.85


def test_what_flow_loses_is_taken_out_of_the_whole_clip() -> None:
    frame, mask = scene()
    layers = mask[..., None].astype(np.uint8)
    assert iou(follow([frame, scene(3)[0]], layers)[1, ..., 0] == 1, scene(3)[1]) > 0.9
    noise = np.random.default_rng(1).integers(0, 255, frame.shape).astype(np.uint8)
    assert not follow([frame, noise], layers).any()
