"""What a prompt says about each cell: near a click, inside the box, and how far along the image from a click.

Shapes: B prompts, N clicks (padded), H x W the stride-4 grid of cells, h x w the stride-8 grid, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

NEAR, WIDE = 1.5, 6.0
"""Standard deviations, in cells of stride 4, of the two bumps around a click."""
COLOUR_SHARE = 0.3
"""Weight of the difference in colour beside that in features, in the length of a step."""
LEAST_STEP = 0.02
"""Length of a step between equal cells, so that even ground has distances."""
ROUNDS_PER_CHECK = 12
FAR = 1e3


@dataclass(frozen=True, slots=True)
class DrawnPrompts:
    """B prompts, in shares of the frame's width and height."""

    clicks: Tensor  # (B, N, 2) x, y in 0..1
    sides: Tensor  # (B, N) 1 positive, -1 negative, 0 padding
    boxes: Tensor  # (B, 4) x0, y0, x1, y1; all zero where there is none
    before: Tensor  # (B, 1, H, W) logits of the mask that is refined; zero where there is none

    @property
    def has_box(self) -> Tensor:
        """(B,) bool."""
        return self.boxes.abs().sum(dim=1) > 0


def near_prompts(prompts: DrawnPrompts) -> Tensor:
    """(B, 6, H, W): two bumps around the clicks of each side, the inside of the box, and the mask so far in -1..1."""
    height, width = prompts.before.shape[-2:]
    y, x = _centres(height, prompts.before), _centres(width, prompts.before)
    down = (y - prompts.clicks[..., 1:]) * height  # (B, N, H)
    right = (x - prompts.clicks[..., :1]) * width  # (B, N, W)
    maps: list[Tensor] = []
    for side in (1, -1):
        counts = (prompts.sides == side)[..., None]
        for spread in (NEAR, WIDE):
            bumps = [torch.exp(-(away**2) / (2 * spread**2)) for away in (down * counts, right * counts)]
            bump = bumps[0][..., :, None] * bumps[1][..., None, :] * counts[..., None]
            maps.append(bump.amax(dim=1))
    x0, y0, x1, y1 = (prompts.boxes[:, corner, None] for corner in range(4))
    inside = ((y >= y0) & (y <= y1))[:, :, None] & ((x >= x0) & (x <= x1))[:, None, :] & prompts.has_box[:, None, None]
    return torch.stack([*maps, inside.to(y.dtype), (prompts.before[:, 0] / 4).tanh()], dim=1)


def step_lengths(features: Tensor, colours: Tensor) -> Tensor:
    """Length of the step from each cell to four of its neighbours: (B, 4, h, w), from unit features and colours.

    `features` (B, C, h, w), `colours` (B, 3, h, w) in 0..1. Right, down, and the two diagonals downwards; steps that
    leave the frame are FAR.
    """
    lengths: list[Tensor] = []
    for dy, dx in _STEPS:
        other, other_colour = _moved(features, dy, dx, 0.0), _moved(colours, dy, dx, 0.0)
        unlike = (
            1 - (features * other).sum(dim=1) + COLOUR_SHARE * (colours - other_colour).square().sum(dim=1).sqrt() * 3
        )
        length = (unlike.clamp(min=0) + LEAST_STEP) * (dy * dy + dx * dx) ** 0.5
        lengths.append(length.masked_fill(_moved(torch.ones_like(length), dy, dx, 0.0) == 0, FAR))
    return torch.stack(lengths, dim=1)


@torch.no_grad()
def along_the_image(steps: Tensor, seeds: Tensor) -> Tensor:
    """Length of the shortest path from any seed to each cell: (B, 4, h, w) and (B, h, w) bool -> (B, h, w).

    Relaxed all at once until nothing changes. Without a seed everything is FAR away.
    """
    found = torch.where(seeds, 0.0, FAR)
    for _ in range(sum(seeds.shape[1:]) // ROUNDS_PER_CHECK + 1):
        before = found
        for _ in range(ROUNDS_PER_CHECK):
            for number, (dy, dx) in enumerate(_STEPS):
                there = _moved(found, dy, dx, FAR)
                from_there = there + steps[:, number]
                back = _moved(found + steps[:, number], -dy, -dx, FAR)
                found = torch.minimum(torch.minimum(found, from_there), back)
        if torch.equal(found, before):
            break
    return found


def nearness(distances: Tensor) -> Tensor:
    """(B, h, w) distances -> (B, 2, h, w) in 0..1, relative to the mean distance in the frame; 0 without a seed."""
    reached = distances < FAR / 2
    mean = (distances * reached).flatten(1).sum(dim=1) / reached.flatten(1).sum(dim=1).clamp(min=1)
    relative = distances / mean.clamp(min=1e-3)[:, None, None]
    return torch.stack([(-4 * relative).exp(), (-relative).exp()], dim=1) * reached[:, None]


def seeds_of(prompts: DrawnPrompts, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """(B, h, w) bool: cells certainly of the object, and of its surroundings: clicks, and all outside a box."""
    height, width = size
    batch = torch.arange(len(prompts.clicks), device=prompts.clicks.device)[:, None].expand(prompts.sides.shape)
    row = (prompts.clicks[..., 1] * height).long().clamp(0, height - 1)
    column = (prompts.clicks[..., 0] * width).long().clamp(0, width - 1)
    found: list[Tensor] = []
    for side in (1, -1):
        seeds = torch.zeros(len(batch), height, width, dtype=torch.bool, device=batch.device)
        counts = prompts.sides == side
        seeds[batch[counts], row[counts], column[counts]] = True
        found.append(seeds)
    inside = F.adaptive_max_pool2d(near_prompts(prompts)[:, 4:5], size)[:, 0] > 0
    return found[0], found[1] | (~inside & prompts.has_box[:, None, None])


_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))


def _moved(x: Tensor, dy: int, dx: int, fill: float) -> Tensor:
    """The value `dy` rows down and `dx` columns to the right, at each cell of (..., h, w)."""
    height, width = x.shape[-2:]
    padded = F.pad(x, (1, 1, 1, 1), value=fill)
    return padded[..., 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]


def _centres(count: int, like: Tensor) -> Tensor:
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) / count
