"""Correspondence: finds where each cell of a frame was in earlier frames, and carries masks from there at stride 4.

Ours: label propagation over learned features (Jabri et al. 2020, section 3), which SAM 2 does not have. A frame is
matched block by block. Each block is moved to the position in an earlier frame where it fits best, as in a video codec.
Around that position every cell of the block attends to similar cells and takes over their share of the mask. The search
is independent of the objects: all objects of a frame share it, and each costs no more than its mask.

Shapes: B frames, K objects of each, M channels, H x W the stride-4 grid of cells, N blocks of a frame, V = BLOCK +
2 REACH the side, in cells, of the window that a block can reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.loom.trunk.neck import TrunkNeck

BLOCK = 8
"""Side of a block, in cells."""
IMAGE_STEP = 4 * BLOCK
"""The image size, in pixels, is a multiple of this: a frame is a whole number of blocks."""
REACH = 6
"""How far, in cells along each axis, a cell may move relative to its block: a sixteenth of a 384 px frame."""
COARSE, FINE = 4, 2
"""Side, in cells, of the tiles that blocks are fitted in: to carry masks, and to compare frames."""
SURROUNDINGS = 1
"""Width, in tiles, of the border that is fitted along with a block."""
STAYING = 0.4
"""Penalty on the cosine of a fit, per side of the frame of displacement."""
DOUBT = 0.01
"""Carried shares are clamped to this distance from 0 and 1, whose logits are infinite."""
SOMETHING = 1.001 * DOUBT
"""Shares up to this count as absence of the object from the cell."""
PART = 8
"""Number of blocks per pass."""
TOGETHER = 8
"""The mask product is padded to a multiple of this many columns, so that an object's bits depend on no other object."""
OUT_OF_REACH = -1e4
SHARPNESS = 30.0
"""Initial scale of the cosines."""


@dataclass(frozen=True, slots=True)
class SceneLikeness:
    """How alike the cells of two frames of one scene are, at least."""

    still: float
    """Mean cosine of cells at equal positions; from here on nothing is searched."""
    alike: float
    """Mean cosine of the best fits of blocks, of frames of one scene at any two moments."""
    beside: float
    """The same of frames next to each other, between which there is no cut."""
    centred: bool
    """Whether what both frames have in common everywhere is taken away first."""


ENCODED = SceneLikeness(still=0.4, alike=0.66, beside=0.66, centred=False)
"""Of cells described from the image encoder. Best fits of neighbours reach 0.78, those of other videos 0.55."""
SEEN_BY_TRUNK = SceneLikeness(still=0.85, alike=0.5, beside=0.7, centred=True)
"""Of cells described from the trunk. Neighbours reach 0.74, frames 40 apart 0.57, other videos 0.40 at most."""


class Correspondence(nn.Module):
    """Describes the cells of a frame and carries masks to them from similar cells of earlier frames."""

    def __init__(self, d_model: int | None, width: int) -> None:
        """Describe cells by `width` channels: from `d_model` channels of an encoder's levels, or from the trunk's."""
        super().__init__()
        self.num_channels = width
        self.neck = TrunkNeck(width) if d_model is None else None
        if d_model is not None:
            self.project = nn.ModuleList(nn.Conv2d(d_model, width, 1, bias=level == 0) for level in range(3))
        self.scene = ENCODED if d_model is not None else SEEN_BY_TRUNK
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS).log())

    def describe(self, levels: Sequence[Tensor]) -> Tensor:
        """Three (B, C, ., .) maps at strides 4, 8 and 16 -> (B, M, H, W) float32 descriptors of unit length."""
        if self.neck is not None:
            return self.neck(levels)
        fine, *coarser = (project(level) for project, level in zip(self.project, levels, strict=True))
        for level in coarser:
            fine = fine + F.interpolate(level, size=fine.shape[-2:], mode="bilinear")
        return F.normalize(fine.float(), dim=1)

    def carry(self, cells: Tensor, before: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Logits (B, K, H, W) of the masks carried to a frame.

        `cells` (B, M, H, W) are those of the frame; `before` holds, for one or more earlier frames, their cells and
        their masks (B, K, H, W) in 0..1.
        """
        height, width = cells.shape[-2:]
        with torch.autocast(cells.device.type, enabled=False):
            windows = [_surroundings(_best_fits(cells, there), height, width) for there, _ in before]
            values = [_read(masks, index) for (_, masks), (index, _) in zip(before, windows, strict=True)]
            queries = _blocks(cells * self.sharpness.exp())  # (B, N, BLOCK^2, M)
            carried = queries.new_full((*queries.shape[:3], values[0].shape[3]), DOUBT)
            blocks = _within_reach(values)
            parts = [_carry(queries, before, windows, values, part) for part in _parts(blocks)]
            if parts:
                carried = carried.index_copy(1, blocks, torch.cat(parts, dim=1)[:, : len(blocks)])
        carried = torch.where(carried > SOMETHING, carried, DOUBT)
        return _joined(carried, height, width).clamp(DOUBT, 1 - DOUBT).logit()


def nothing_carried(like: Tensor) -> Tensor:
    """Logits shaped like `like`, as `Correspondence.carry` returns them where no object arrived."""
    return torch.full_like(like, math.log(DOUBT / (1 - DOUBT)))


@torch.no_grad()
def scene_likeness(cells: Tensor, there: Tensor, least: SceneLikeness) -> float:
    """Mean cosine of the best fits of two frames, (1, M, H, W) cells each, wherever parts of the scene have moved.

    1 without a search if equal positions are alike enough.
    """
    if least.centred:
        common = (cells.mean(dim=(2, 3), keepdim=True) + there.mean(dim=(2, 3), keepdim=True)) / 2
        cells, there = (F.normalize(x - common, dim=1) for x in (cells, there))
    if (cells * there).sum(dim=1).mean() >= least.still:
        return 1.0
    here, other = (F.normalize(F.avg_pool2d(x, FINE), dim=1) for x in (cells, there))
    fits, _, _ = _fits(here, other, BLOCK // FINE, 0)
    return float(fits.flatten(2).amax(dim=2).mean())


def presence(logits: Tensor) -> Tensor:
    """(B, 1, H, W) logits of carried masks -> (B, 1) logits, positive if any part of the object arrived."""
    return logits.flatten(1).amax(dim=1, keepdim=True)


def expected_iou(logits: Tensor) -> Tensor:
    """(B, 1, H, W) logits -> (B,) IoU to expect of the mask if the share of each cell is a calibrated probability."""
    shares = logits.flatten(1).sigmoid()
    mask = shares > 0.5
    overlap, missed = (shares * mask).sum(dim=1), (shares * ~mask).sum(dim=1)
    return overlap / (mask.sum(dim=1) + missed).clamp(min=1)


def _within_reach(values: Sequence[Tensor]) -> Tensor:
    """Indices of the blocks that any object can reach, given the shares within their windows, (B, N, V^2, K)."""
    somewhere = [(each > SOMETHING).flatten(2).any(dim=2).any(dim=0) for each in values]
    return torch.stack(somewhere).any(dim=0).nonzero()[:, 0]


def _parts(blocks: Tensor) -> Sequence[Tensor]:
    """Split blocks into parts of PART, which fit in a CPU's cache; the last block is repeated to fill the last part.

    All parts have the same size, so that the order of summation does not depend on the number of blocks.
    """
    missing = blocks[-1:].expand(-len(blocks) % PART)
    return torch.split(torch.cat([blocks, missing]), PART) if len(blocks) else ()


def _carry(
    queries: Tensor,
    before: Sequence[tuple[Tensor, Tensor]],
    windows: Sequence[tuple[Tensor, Tensor]],
    values: Sequence[Tensor],
    part: Tensor,
) -> Tensor:
    """Carry masks to one part of the blocks: (B, N, BLOCK^2, M) -> (B, PART, BLOCK^2, K) in 0..1."""
    queries, near = queries[:, part], _near(queries.device)
    scores: list[Tensor] = []
    for (there, _), (index, inside) in zip(before, windows, strict=True):
        alike = queries @ _read(there, index[:, part]).transpose(2, 3)
        scores.append(alike.masked_fill(~(near & inside[:, part, None]), OUT_OF_REACH))
    said = torch.cat([each[:, part] for each in values], dim=2)
    num_objects = said.shape[3]
    padded = F.pad(said, (0, -num_objects % TOGETHER))
    return (torch.cat(scores, dim=3).softmax(dim=3) @ padded)[..., :num_objects]


def _blocks(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, N, BLOCK^2, C)."""
    grid = torch.unflatten(torch.unflatten(x, 3, (-1, BLOCK)), 2, (-1, BLOCK))
    return grid.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(1, 2)


def _joined(x: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `_blocks`."""
    grid = torch.unflatten(torch.unflatten(x, 2, (BLOCK, BLOCK)), 1, (height // BLOCK, width // BLOCK))
    return grid.permute(0, 5, 1, 3, 2, 4).flatten(4, 5).flatten(2, 3)


@torch.no_grad()
def _best_fits(cells: Tensor, there: Tensor) -> Tensor:
    """(B, N, 2) displacement, in cells down and right, of each block to its best fit in another frame."""
    here, other = (F.avg_pool2d(x, COARSE) for x in (cells, there))
    fits, own_y, own_x = _fits(here, other, BLOCK // COARSE, SURROUNDINGS)
    best = fits.flatten(2).argmax(dim=2)  # (B, N)
    y, x = best // fits.shape[3], best % fits.shape[3]
    return COARSE * torch.stack([y - own_y, x - own_x], dim=2)


def _fits(here: Tensor, other: Tensor, side: int, around: int) -> tuple[Tensor, Tensor, Tensor]:
    """Fit the blocks of one frame, of `side` tiles with a border of `around` tiles, at every position in another.

    Two (B, M, rows, columns) -> mean cosines less the penalty, (B, N, y, x), and (N,) y and x of the blocks, in tiles.
    """
    batch, channels, height, width = here.shape
    patch = side + 2 * around
    padded = F.pad(here, (around,) * 4)
    patches = padded.unfold(2, patch, side).unfold(3, patch, side)  # (B, M, rows, columns, patch, patch)
    rows, columns = patches.shape[2:4]
    kernels = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, channels, patch, patch)
    other = F.pad(other, (around,) * 4).reshape(1, batch * channels, *padded.shape[2:])
    fits = torch.unflatten(F.conv2d(other, kernels, groups=batch), 1, (batch, -1))[0] / patch**2  # (B, N, y, x)
    own_y = torch.arange(rows, device=here.device).repeat_interleave(columns) * side
    own_x = torch.arange(columns, device=here.device).repeat(rows) * side
    down = torch.arange(fits.shape[2], device=here.device) - own_y[:, None]  # (N, y)
    right = torch.arange(fits.shape[3], device=here.device) - own_x[:, None]  # (N, x)
    away = torch.hypot(down[:, :, None] / height, right[:, None, :] / width)
    return fits - STAYING * away, own_y, own_x


def _surroundings(offsets: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """The window around each moved block: (B, N, V^2) indices of cells, and whether they lie in the frame."""
    device = offsets.device
    window = torch.arange(BLOCK + 2 * REACH, device=device) - REACH
    top = BLOCK * torch.arange(height // BLOCK, device=device).repeat_interleave(width // BLOCK)
    left = BLOCK * torch.arange(width // BLOCK, device=device).repeat(height // BLOCK)
    y = (top + offsets[..., 0])[..., None] + window  # (B, N, side)
    x = (left + offsets[..., 1])[..., None] + window
    inside = ((y >= 0) & (y < height))[..., :, None] & ((x >= 0) & (x < width))[..., None, :]
    index = y.clamp(0, height - 1)[..., :, None] * width + x.clamp(0, width - 1)[..., None, :]
    return index.flatten(2), inside.flatten(2)


def _read(x: Tensor, index: Tensor) -> Tensor:
    """Gather (B, C, H, W) at (B, N, S) indices of cells -> (B, N, S, C)."""
    batch = len(x)
    rows = x.flatten(2).transpose(1, 2).flatten(0, 1)  # (B * H * W, C)
    first = torch.arange(batch, device=x.device)[:, None, None] * (len(rows) // batch)
    return torch.unflatten(rows.index_select(0, (index + first).flatten()), 0, index.shape)


@lru_cache(maxsize=4)
def _near(device: torch.device) -> Tensor:
    """(BLOCK^2, V^2) bool: the cells of the window within REACH of each cell of the block."""
    own = torch.arange(BLOCK, device=device) + REACH
    near = (own[:, None] - torch.arange(BLOCK + 2 * REACH, device=device)).abs() <= REACH  # along one axis
    return (near[:, None, :, None] & near[None, :, None, :]).flatten(2).flatten(0, 1)
