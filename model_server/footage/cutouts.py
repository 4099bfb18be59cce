"""Cutouts: objects boxed by hand, segmented with GrabCut (Rother et al. 2004).

Shapes: H x W pixels. A box is (x0, y0, x1, y1) as fractions of the frame's width and height.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]

MARGIN = 0.6  # of the box's longer side: the surroundings from which background colours are learned
SLACK = 0.01  # of the frame: boxes drawn by hand are slightly too small
ROUNDS = 6
SMALLEST_PIECE = 0.08  # of the largest connected component


def cut_out(frame: NDArray[np.uint8], box: Box) -> NDArray[np.bool_]:
    """(H, W, 3) uint8 RGB -> (H, W) bool mask of the object in the box; empty if GrabCut finds none."""
    height, width = frame.shape[:2]
    x0, x1 = (round((box[i] + s * SLACK) * width) for i, s in ((0, -1), (2, 1)))
    y0, y1 = (round((box[i] + s * SLACK) * height) for i, s in ((1, -1), (3, 1)))
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    reach = int(MARGIN * max(x1 - x0, y1 - y0))
    left, top = max(0, x0 - reach), max(0, y0 - reach)
    around = np.ascontiguousarray(frame[top : y1 + reach, left : x1 + reach])
    trimap = np.full(around.shape[:2], cv2.GC_BGD, np.uint8)
    trimap[y0 - top : y1 - top, x0 - left : x1 - left] = cv2.GC_PR_FGD
    cv2.setRNGSeed(0)
    unused, colours = (0, 0, 0, 0), (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.grabCut(around, trimap, unused, *colours, ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.uint8)
    mask = np.zeros((height, width), bool)
    mask[top : top + found.shape[0], left : left + found.shape[1]] = _large_pieces(found)
    return mask


def _large_pieces(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return np.isin(labels, np.flatnonzero(areas > SMALLEST_PIECE * max(1, areas.max())))
