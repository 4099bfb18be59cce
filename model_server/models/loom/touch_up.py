"""The touch-up: a corrective click changes the mask around itself, where the image looks as it does at the click.

Ours. SAM 2 answers a click by decoding the whole mask anew, which for a small network is worse than a good mask with
one fault. Here everything far from the click, or unlike it, is left as it was, and the clicked cell always ends up on
the side that the click demands.

Shapes: M channels of a cell, H x W the stride-4 grid of cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from model_server.models.sam2.geometry import InputGeometry
from model_server.segmenter import Click

HOPELESS_CLICKS, HOPELESS_DISTANCE = 3, 0.25
"""With at least this many clicks, one of them this far on the wrong side (see below), a touch-up is not enough."""
LIMIT = 8.0
"""Initial clamp of the logits: larger ones would change too slowly around a click."""
SPREAD, LEAST_SPREAD = 6.0, 0.3
"""Bounds of the standard deviation of a click's reach, in cells: a sixteenth of a 384 px frame; the cell alone."""
LIKENESS = 3.0
"""How steeply the effect decreases with the cosine between a cell and the clicked one."""
MARGIN = 2.0
"""Logit by which the clicked cell is on its side after the touch-up."""
ROUNDS = 16
"""So many clicks are applied one by one, each followed by those before it; all later ones come in one more round."""
SURE = 0.5
"""A clicked cell already on its side by more than this logit is left unchanged."""


def is_beyond_touching_up(logits: Tensor, clicks: Sequence[Click], geometry: InputGeometry) -> bool:
    """Whether clicks show the mask of (1, 1, H, W) logits to be wrong altogether, so that it must be cut out anew.

    They do if there are several, and one of them contradicts the mask far from its boundary: by a quarter of the side
    of a square with the area of the mask. Clicks are in pixels of the video.
    """
    mask = logits[0, 0] > 0
    if len(clicks) < HOPELESS_CLICKS or not mask.any():
        return False
    height, width = geometry.video_height / mask.shape[0], geometry.video_width / mask.shape[1]  # of a cell
    far = HOPELESS_DISTANCE * (float(mask.sum()) * height * width) ** 0.5
    cell = torch.tensor([height, width], device=mask.device)
    for click in clicks:
        at = torch.tensor(_cell(click, logits, geometry), device=mask.device)
        other = (mask if click.positive else ~mask).nonzero()
        # torch declares no return type for norm.
        if len(other) and ((other - at) * cell).norm(dim=1).min() > far:  # pyright: ignore[reportUnknownMemberType]
            return True
    return False


def touched_up(logits: Tensor, cells: Tensor, clicks: Sequence[Click], geometry: InputGeometry) -> Tensor:
    """Apply clicks to (1, 1, H, W) logits of a mask, given (1, M, H, W) cells -> (1, 1, H, W) logits.

    A click reaches at most a third of the way to the nearest opposite click, so that all clicks are obeyed.
    """
    logits = logits.clamp(-LIMIT, LIMIT)
    for count in [*range(1, min(len(clicks), ROUNDS) + 1), *([len(clicks)] if len(clicks) > ROUNDS else [])]:
        given = clicks[:count]
        at = torch.tensor([_cell(click, logits, geometry) for click in given], dtype=torch.float32)
        side = torch.tensor([1.0 if click.positive else -1.0 for click in given])
        apart = torch.cdist(at, at).masked_fill(side[:, None] == side, torch.inf).amin(dim=1)
        spread = (apart / 3).clamp(min=LEAST_SPREAD, max=SPREAD)
        for (y, x), sign, reach in zip(at.long().numpy(), side.numpy(), spread.numpy(), strict=True):
            logits = _touch(logits, cells, (int(y), int(x)), float(sign), float(reach))
    return logits


def _cell(click: Click, logits: Tensor, geometry: InputGeometry) -> tuple[int, int]:
    height, width = logits.shape[-2:]
    y = min(int((click.y + 0.5) / geometry.video_height * height), height - 1)
    x = min(int((click.x + 0.5) / geometry.video_width * width), width - 1)
    return max(y, 0), max(x, 0)


def _touch(logits: Tensor, cells: Tensor, at: tuple[int, int], sign: float, spread: float) -> Tensor:
    y, x = at
    there = logits[0, 0, y, x]
    if there * sign > SURE:
        return logits
    down = torch.arange(logits.shape[2], device=logits.device)[:, None] - y
    right = torch.arange(logits.shape[3], device=logits.device) - x
    near = torch.exp(-(down**2 + right**2) / (2 * spread**2))
    alike = torch.einsum("mhw,m->hw", cells[0], cells[0, :, y, x])
    return logits + sign * (there.abs() + MARGIN) * near * torch.exp(LIKENESS * (alike - 1))
