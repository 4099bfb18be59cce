"""Sine codes for positions and times, and random Fourier features for prompts.

Shapes: H x W positions, N scalars, C channels. Tables are float32 whatever the network's precision.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor, nn

TEMPERATURE = 10_000.0


@lru_cache(maxsize=16)
def sine_positions(height: int, width: int, channels: int, device: torch.device) -> Tensor:
    """(1, C, H, W): the first half of the channels encodes y, the second x, with sines and cosines interleaved."""
    # A table made in inference mode could not be used in training later.
    with torch.inference_mode(False):
        rows = _sine_axis(height, channels // 2, device)[:, None, :].expand(height, width, -1)
        columns = _sine_axis(width, channels // 2, device)[None, :, :].expand(height, width, -1)
        return torch.cat([rows, columns], dim=-1).permute(2, 0, 1)[None].contiguous()


def _sine_axis(length: int, channels: int, device: torch.device) -> Tensor:
    """(length, channels): positions count from 1 and are scaled to 2 pi."""
    position = torch.arange(1, length + 1, dtype=torch.float32, device=device)
    angle = position / (length + 1e-6) * 2 * math.pi
    angle = angle[:, None] / _wavelengths(channels, device)
    return torch.stack([angle[:, 0::2].sin(), angle[:, 1::2].cos()], dim=-1).flatten(1)


def sine_times(times: Tensor, channels: int) -> Tensor:
    """(N,) times -> (N, C): all sines, then all cosines."""
    angle = times[:, None] / _wavelengths(channels // 2, times.device)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


def _wavelengths(channels: int, device: torch.device) -> Tensor:
    index = torch.arange(channels, dtype=torch.float32, device=device)
    return TEMPERATURE ** (2 * (index // 2) / channels)


class RandomFourierPositions(nn.Module):
    """A fixed random projection of 2-D positions, stored with the weights (SAM, appendix A)."""

    positional_encoding_gaussian_matrix: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.randn(2, channels // 2))

    def forward(self, xy: Tensor) -> Tensor:
        """(..., 2) positions in 0..1, x first -> (..., C)."""
        angle = (2 * xy - 1) @ self.positional_encoding_gaussian_matrix * (2 * math.pi)
        return torch.cat([angle.sin(), angle.cos()], dim=-1)

    def grid(self, height: int, width: int) -> Tensor:
        """(1, C, H, W): the codes of the cell centres."""
        device = self.positional_encoding_gaussian_matrix.device
        y = (torch.arange(height, dtype=torch.float32, device=device) + 0.5) / height
        x = (torch.arange(width, dtype=torch.float32, device=device) + 0.5) / width
        xy = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
        return self(xy).permute(2, 0, 1)[None]
