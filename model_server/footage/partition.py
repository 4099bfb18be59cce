"""Unsupervised partition of a frame: watershed basins, merged greedily where no edge separates them.

Shapes: H x W pixels, N regions. Label images count from 0 and cover every pixel.
"""

from __future__ import annotations

import heapq

import cv2
import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]

SMOOTHING = 1.2  # sigma in pixels of the blur before the gradient
FLATTENING = 6.0  # gradient differences below this belong to one basin
EDGE_SHARE = 0.6  # of the cost of a merge; the rest is the difference of mean colours
SIZE_POWER = 0.35  # small regions merge first, or specks of noise would survive to the end


def basins(frame: NDArray[np.uint8]) -> tuple[Labels, NDArray[np.float32]]:
    """(H, W, 3) uint8 RGB -> (H, W) labels of watershed basins, and the (H, W) gradient of Lab colour."""
    lab = cv2.cvtColor(cv2.GaussianBlur(frame, (0, 0), SMOOTHING), cv2.COLOR_RGB2LAB).astype(np.float32)
    dx, dy = cv2.Sobel(lab, cv2.CV_32F, 1, 0) / 4, cv2.Sobel(lab, cv2.CV_32F, 0, 1) / 4
    gradient = np.sqrt((dx**2 + dy**2).sum(axis=2))
    flat = np.floor(gradient / FLATTENING)
    lowest = (flat <= cv2.erode(flat, np.ones((5, 5)))).astype(np.uint8)
    lowest = cv2.erode(lowest, np.ones((3, 3)))
    _, markers = cv2.connectedComponents(lowest)
    markers = cv2.watershed(cv2.merge([np.clip(gradient * 4, 0, 255).astype(np.uint8)] * 3), markers)
    return _fill_lines(markers.astype(np.int32)), gradient.astype(np.float32)


def partitions(frame: NDArray[np.uint8], counts: tuple[int, ...]) -> list[Labels]:
    """Nested partitions (H, W) of a frame into about `counts` regions each, from many to few."""
    labels, gradient = basins(frame)
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB).astype(np.float32)
    merging = _Merging(labels, gradient, lab)
    return [merging.down_to(count) for count in sorted(counts, reverse=True)]


class _Merging:
    """Merges the cheapest pair of neighbours until few regions are left."""

    def __init__(self, labels: Labels, gradient: NDArray[np.float32], lab: NDArray[np.float32]) -> None:
        self._labels = labels
        num = int(labels.max()) + 1
        self._area = np.maximum(np.bincount(labels.ravel(), minlength=num).astype(np.float64), 1)
        sums = [np.bincount(labels.ravel(), weights=lab[..., c].ravel(), minlength=num) for c in range(3)]
        self._colour = np.stack(sums, axis=1) / self._area[:, None]
        self._parent = np.arange(num)
        self._alive = num
        self._borders: list[dict[int, tuple[float, float]]] = [{} for _ in range(num)]  # sum of gradient, length
        for a, b, strength, length in borders(labels, gradient):
            self._borders[a][b] = self._borders[b][a] = (strength, length)
        self._heap = [(self._cost(a, b), a, b) for a in range(num) for b in self._borders[a] if a < b]
        heapq.heapify(self._heap)

    def down_to(self, count: int) -> Labels:
        while self._alive > count and self._heap:
            cost, a, b = heapq.heappop(self._heap)
            if self._parent[a] != a or self._parent[b] != b or b not in self._borders[a]:
                continue
            if cost < self._cost(a, b) - 1e-6:  # stale: one of the two has grown since
                continue
            self._merge(a, b)
        roots = self._roots()
        _, numbered = np.unique(roots, return_inverse=True)
        return numbered[self._labels].astype(np.int32)

    def _cost(self, a: int, b: int) -> float:
        strength, length = self._borders[a][b]
        difference = float(np.linalg.norm(self._colour[a] - self._colour[b]))
        cost = EDGE_SHARE * strength / length * 2 + (1 - EDGE_SHARE) * difference
        return cost * min(self._area[a], self._area[b]) ** SIZE_POWER

    def _merge(self, a: int, b: int) -> None:
        total = self._area[a] + self._area[b]
        self._colour[a] = (self._colour[a] * self._area[a] + self._colour[b] * self._area[b]) / total
        self._area[a] = total
        self._parent[b] = a
        self._alive -= 1
        for neighbour, (strength, length) in self._borders[b].items():
            del self._borders[neighbour][b]
            if neighbour != a:
                known = self._borders[a].get(neighbour, (0.0, 0.0))
                joined = (known[0] + strength, known[1] + length)
                self._borders[a][neighbour] = self._borders[neighbour][a] = joined
        self._borders[b] = {}
        for neighbour in self._borders[a]:
            heapq.heappush(self._heap, (self._cost(a, neighbour), a, neighbour))

    def _roots(self) -> NDArray[np.int64]:
        roots = self._parent
        while (roots != roots[roots]).any():
            roots = roots[roots]
        return roots


def borders(labels: Labels, gradient: NDArray[np.float32]) -> list[tuple[int, int, float, float]]:
    """Every pair of touching regions with the gradient summed along their border, and its length in pixels."""
    num = int(labels.max()) + 1
    keys, strengths = list[NDArray[np.int64]](), list[NDArray[np.float32]]()
    for one, other, here, there in (
        (labels[:, :-1], labels[:, 1:], gradient[:, :-1], gradient[:, 1:]),
        (labels[:-1], labels[1:], gradient[:-1], gradient[1:]),
    ):
        differs = one != other
        a, b = one[differs].astype(np.int64), other[differs].astype(np.int64)
        keys.append(np.minimum(a, b) * num + np.maximum(a, b))
        strengths.append(np.maximum(here, there)[differs])
    pairs, index = np.unique(np.concatenate(keys), return_inverse=True)
    strength = np.bincount(index, weights=np.concatenate(strengths))
    length = np.bincount(index)
    return [(int(p // num), int(p % num), float(s), float(n)) for p, s, n in zip(pairs, strength, length, strict=True)]


def _fill_lines(markers: NDArray[np.int32]) -> Labels:
    """Assign the watershed's dividing lines (-1) to a neighbouring region, and number regions from 0."""
    filled = markers.copy()
    while (filled < 1).any():
        grown = cv2.dilate(filled.astype(np.float32), np.ones((3, 3))).astype(np.int32)
        if (grown[filled < 1] < 1).all():  # a frame without any basin
            grown[:] = 1
        filled = np.where(filled < 1, grown, filled)
    _, numbered = np.unique(filled, return_inverse=True)
    return numbered.reshape(filled.shape).astype(np.int32)
