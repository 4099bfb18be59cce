"""Memory encoder (SAM 2 section 4 "Memory encoder and memory bank", appendix C).

Shapes: B objects, C = d_model, C_mem memory channels, h x w the stride-16 grid, S the image size.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.layer_norm import LayerNorm2d

FUSER_DEPTH = 2
FUSER_EXPANSION = 4
LAYER_SCALE = 0.1
"""Ours: initial value of the fuser's gain. Released networks started at 1e-6, which a short training never leaves."""


class MaskDownsampler(nn.Module):
    """Four stride-2 convolutions from a full-size mask to the stride-16 grid."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        widths = (1, *config.memory_mask_channels)
        layers: list[nn.Module] = []
        for channels, channels_out in pairwise(widths):
            convolution = nn.Conv2d(channels, channels_out, kernel_size=3, stride=2, padding=1)
            layers += [convolution, LayerNorm2d(channels_out), nn.GELU()]
        layers.append(nn.Conv2d(widths[-1], config.d_model, kernel_size=1))
        self.encoder = nn.Sequential(*layers)

    def forward(self, mask: Tensor) -> Tensor:
        """(B, 1, S, S) -> (B, C, h, w)."""
        return self.encoder(mask)


class ConvNextBlock(nn.Module):
    """7 x 7 depth-wise convolution and a channel MLP, scaled by a learned gain."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, kernel_size=7, padding=3, groups=channels)
        self.norm = LayerNorm2d(channels)
        self.pwconv1 = nn.Linear(channels, FUSER_EXPANSION * channels)
        self.pwconv2 = nn.Linear(FUSER_EXPANSION * channels, channels)
        self.gamma = nn.Parameter(torch.full((channels,), LAYER_SCALE))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        branch = self.norm(self.dwconv(x)).permute(0, 2, 3, 1)
        branch = self.gamma * self.pwconv2(F.gelu(self.pwconv1(branch)))
        return x + branch.permute(0, 3, 1, 2)


class Fuser(nn.Module):
    """Fuses the mask and the pixels: two ConvNeXt blocks."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(ConvNextBlock(channels) for _ in range(FUSER_DEPTH))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        for layer in self.layers:
            x = layer(x)
        return x


class MemoryEncoder(nn.Module):
    """Encodes the unconditioned features of a frame and the mask of an object as a compact memory map."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        self.mask_downsampler = MaskDownsampler(config)
        self.pix_feat_proj = nn.Conv2d(config.d_model, config.d_model, kernel_size=1)
        self.fuser = Fuser(config.d_model)
        self.out_proj = nn.Conv2d(config.d_model, config.mem_dim, kernel_size=1)

    def forward(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """Pixels (B or 1, C, h, w) and mask (B, 1, S, S), in -10..10 -> (B, C_mem, h, w)."""
        return self.out_proj(self.fuser(self.pix_feat_proj(pixels) + self.mask_downsampler(mask)))
