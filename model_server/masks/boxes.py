"""Boxes of masks, and non-maximum suppression.

A box is (x0, y0, x1, y1) in pixel indices with both corners included, as in the released generator of automatic masks;
its width is x1 - x0.
"""

import torch
from torch import Tensor


def boxes_of(masks: Tensor) -> Tensor:
    """(N, H, W) bool -> (N, 4) int64; zeros for an empty mask."""
    columns, rows = masks.any(dim=1), masks.any(dim=2)
    sides = [_first(columns), _first(rows), _last(columns), _last(rows)]
    return torch.stack(sides, dim=1) * rows.any(dim=1)[:, None]


def keep_best(boxes: Tensor, scores: Tensor, max_iou: float) -> Tensor:
    """Non-maximum suppression: (N, 4) boxes and (N,) scores -> (K,) indices of those kept, best first.

    A box is dropped if its IoU with a better, kept one exceeds `max_iou`; of equal scores, the earlier is better.
    """
    order = scores.argsort(descending=True, stable=True)
    ious = box_ious(boxes[order], boxes[order])
    alive = torch.ones(len(order), dtype=torch.bool, device=boxes.device)
    for index in range(len(order)):
        if alive[index]:
            alive[index + 1 :] &= ious[index, index + 1 :] <= max_iou
    return order[alive]


def box_ious(one: Tensor, other: Tensor) -> Tensor:
    """(N, 4) and (M, 4) -> (N, M) float64 IoU; 0 for boxes without area."""
    one, other = one.double()[:, None], other.double()[None]
    sides = (torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])).clamp(min=0)
    both = sides.prod(dim=-1)
    union = (one[..., 2:] - one[..., :2]).prod(-1) + (other[..., 2:] - other[..., :2]).prod(-1) - both
    return torch.where(union > 0, both / union.clamp(min=1), 0)


def _first(line: Tensor) -> Tensor:
    return line.int().argmax(dim=1)


def _last(line: Tensor) -> Tensor:
    return line.shape[1] - 1 - line.flip(1).int().argmax(dim=1)
