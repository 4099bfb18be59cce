"""Regions of a frame that can pass for objects: cutouts of boxed objects, and well-bounded parts of partitions.

Shapes: T frames, H x W pixels, L layers. A layer is a label image, 0 where there is no region; layers may overlap, as
a shirt and the person wearing it do.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model_server.footage.cutouts import Box, cut_out
from model_server.footage.flow import carry, dense_flow, disagreement
from model_server.footage.partition import basins, borders, partitions

PARTITIONS = (36, 14)
CONTRAST = 11.0  # least mean Lab gradient along the border of a region
SMALLEST, LARGEST = 0.004, 0.5  # of the frame's area
ALIGNED = 1.5  # pixels: a region is lost if its mean forward-backward disagreement is larger


def layers_of(frame: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB -> (H, W, L) uint8: boxed objects, then the well-bounded regions of each partition."""
    objects = np.zeros(frame.shape[:2], np.uint8)
    for number, box in enumerate(boxes, start=1):
        objects[cut_out(frame, box)] = number
    _, gradient = basins(frame)
    return np.dstack([objects, *(_well_bounded(labels, gradient) for labels in partitions(frame, PARTITIONS))])


def follow(frames: Sequence[NDArray[np.uint8]], layers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The first frame's (H, W, L) layers tracked by optical flow -> (T, H, W, L).

    A region that the flow loses is removed from the whole clip, so that the remaining ones can be trusted.
    """
    carried, lost = [layers], [set[int]() for _ in range(layers.shape[2])]
    for before, after in pairwise(frames):
        forward, backward = dense_flow(before, after), dense_flow(after, before)
        error = disagreement(forward, backward)
        present = carried[-1]
        for layer, gone in enumerate(lost):
            area = np.bincount(present[..., layer].ravel(), minlength=256)
            missed = np.bincount(present[..., layer].ravel(), weights=error.ravel(), minlength=256)
            gone.update(np.flatnonzero(missed > ALIGNED * area).tolist())
        carried.append(carry(present, backward))
    clip = np.stack(carried)
    for layer, gone in enumerate(lost):
        clip[..., layer][np.isin(clip[..., layer], list(gone))] = 0
    return clip


def _well_bounded(labels: NDArray[np.int32], gradient: NDArray[np.float32]) -> NDArray[np.uint8]:
    num = int(labels.max()) + 1
    strength, length = np.zeros(num), np.full(num, 1e-6)
    for a, b, total, count in borders(labels, gradient):
        for region in (a, b):
            strength[region] += total
            length[region] += count
    share = np.bincount(labels.ravel(), minlength=num) / labels.size
    kept = (strength / length > CONTRAST) & (share > SMALLEST) & (share < LARGEST)
    numbers = np.where(kept, np.cumsum(kept), 0).astype(np.uint8)
    return numbers[labels]
