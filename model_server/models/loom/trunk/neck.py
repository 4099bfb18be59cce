"""The neck: describes the cells of a frame, so that masks can be carried, from the features of the frozen trunk.

Ours. What the trunk knows of objects lies at stride 16, what outlines are made of at stride 4. Both meet here, from the
coarsest level to the finest, as in a feature pyramid (Lin et al. 2017).

Shapes: B frames, M channels of a cell, H x W the stride-4 grid of cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.loom.trunk.efficientnet_lite import CHANNELS

WIDTH = 48
"""Channels at every level."""
LEAST_SIZE = 1e-3
"""A cell's features are divided by their root mean square, or by this where it is smaller."""


class TrunkNeck(nn.Module):
    """Describes cells by directions that are alike where the same thing is seen again."""

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(_Level(channels) for channels in CHANNELS)
        self.describe = nn.Conv2d(WIDTH, num_channels, kernel_size=1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """The trunk's features at strides 4, 8 and 16 -> (B, M, H, W) float32 descriptors of unit length."""
        known: Tensor | None = None
        for level, features in reversed(list(zip(self.levels, levels, strict=True))):
            known = level(features, known)
        assert known is not None, "there are levels"
        return F.normalize(self.describe(known).float(), dim=1)


class _Level(nn.Module):
    """Adds the features of one level to what is known from coarser ones, and looks around each cell."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.read = nn.Conv2d(channels, WIDTH, kernel_size=1)
        self.look = nn.Conv2d(WIDTH, WIDTH, kernel_size=3, padding=1, groups=WIDTH)
        self.mix = nn.Conv2d(WIDTH, WIDTH, kernel_size=1)
        nn.init.normal_(self.read.weight, std=0.7 / channels**0.5)
        nn.init.zeros_(self.mix.weight)
        assert self.mix.bias is not None
        nn.init.zeros_(self.mix.bias)

    def forward(self, features: Tensor, known: Tensor | None) -> Tensor:
        size = features.square().mean(dim=1, keepdim=True).sqrt().clamp(min=LEAST_SIZE)
        here: Tensor = self.read(features / size)
        if known is not None:
            here = here + F.interpolate(known, size=here.shape[-2:], mode="bilinear")
        return here + self.mix(torch.relu(self.look(here)))
