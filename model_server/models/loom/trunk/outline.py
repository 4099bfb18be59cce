"""The outline: draws carried masks pixel by pixel, by what the pixels of their cells show.

Ours. A carried mask says how much of each cell of 4 x 4 pixels an object covers. How much of a pixel it covers is a
weighted sum of what it covers of the nine cells around; the weights are read off the picture, so that all objects of a
frame share them. This is the learned upsampling of optical flow (Teed and Deng 2020), with weights of either sign: a
line that is thinner than a cell is drawn, though it covers no cell by half.

Shapes: B frames, K objects, M channels of a cell, H x W the stride-4 grid of cells.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CELL = 4
"""Pixels along each side of a cell."""
AROUND = 3
"""Cells along each side of the neighbourhood that a pixel's share is read from."""
WIDTH = 64
"""Channels in between."""


class Outline(nn.Module):
    """Reads the weights of each pixel off the picture, and draws masks with them. A fresh one draws bilinearly."""

    def __init__(self, num_channels: int) -> None:
        """For cells of `num_channels`."""
        super().__init__()
        self.read = nn.Conv2d(3 * CELL**2 + 3 + num_channels, WIDTH, kernel_size=1)
        self.look = nn.Conv2d(WIDTH, WIDTH, kernel_size=3, padding=1, groups=WIDTH)
        self.weigh = nn.Conv2d(WIDTH, AROUND**2 * CELL**2, kernel_size=1)
        nn.init.zeros_(self.weigh.weight)
        assert self.weigh.bias is not None
        self.weigh.bias.data.copy_(_bilinear().flatten())

    def forward(self, pixels: Tensor, cells: Tensor) -> Tensor:
        """(B, 3, 4H, 4W) RGB in 0..255 and (B, M, H, W) descriptors -> (B, 9, 16, H, W) weights, whose sums are 1."""
        colours = pixels.float() / 255
        around = F.avg_pool2d(F.avg_pool2d(colours, CELL), AROUND, stride=1, padding=1, count_include_pad=False)
        apart = F.pixel_unshuffle(colours, CELL) - around.repeat_interleave(CELL**2, dim=1)
        known = torch.relu(self.read(torch.cat([apart, around, cells], dim=1)))
        weights = torch.unflatten(self.weigh(torch.relu(known + self.look(known))), 1, (AROUND**2, CELL**2))
        return weights + (1 - weights.sum(dim=1, keepdim=True)) / AROUND**2


def drawn_by(weights: Tensor, shares: Tensor) -> Tensor:
    """(B, 9, 16, H, W) weights and (B, K, H, W) shares of cells -> (B, K, 4H, 4W) shares of pixels, about 0..1."""
    height, width = shares.shape[-2:]
    padded = F.pad(shares, (1, 1, 1, 1), mode="replicate")
    around = [
        padded[:, :, None, row : row + height, column : column + width]
        for row in range(AROUND)
        for column in range(AROUND)
    ]
    pixels = sum((each * weights[:, None, index] for index, each in enumerate(around)), torch.zeros(()))
    return F.pixel_shuffle(pixels.flatten(1, 2), CELL)


def _bilinear() -> Tensor:
    """(9, 16) weights of the nine cells around for each of the 16 pixels of a cell."""
    middles = (torch.arange(CELL) + 0.5) / CELL - 0.5  # of pixels, in cells, from the middle of their own
    along = (1 - (middles[None] - torch.tensor([[-1.0], [0.0], [1.0]])).abs()).clamp(min=0)  # (3, 4)
    return torch.einsum("yv,xu->yxvu", along, along).reshape(AROUND**2, CELL**2)
