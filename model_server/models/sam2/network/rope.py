"""Axial rotary position code on a 2-D grid (SAM 2 appendix C; Su et al. 2021, Heo et al. 2024).

Computed in real numbers, which compile, export and work in half precision. On a CPU, in complex numbers: the same
results in one pass over memory instead of seven, which saves a tenth of a frame's time with many objects.

Shapes: B objects, N = H * W grid tokens, C channels; adjacent channels form the rotated pairs, the first half of
the pairs turns with x, the second half with y.
"""

from functools import lru_cache

import torch
from torch import Tensor

THETA = 10_000.0


@lru_cache(maxsize=16)
def rotary_table(height: int, width: int, channels: int, device: torch.device) -> Tensor:
    """(2, N, C/2): cosine and sine of the angle of each pair at each grid cell, in row-major order."""
    with torch.inference_mode(False):
        exponent = torch.arange(0, channels, 4, dtype=torch.float32, device=device)[: channels // 4] / channels
        frequency = 1 / THETA**exponent
        cell = torch.arange(height * width, dtype=torch.float32, device=device)
        x = cell % width
        y = torch.div(cell, width, rounding_mode="floor")
        angle = torch.cat([torch.outer(x, frequency), torch.outer(y, frequency)], dim=-1)
        return torch.stack([angle.cos(), angle.sin()])


def rotate(tokens: Tensor, table: Tensor) -> Tensor:
    """Rotate (B, K * N, C) tokens by a table of N cells, repeated for each of the K grids."""
    if tokens.dtype == torch.float32 and tokens.device.type == "cpu":
        return _rotate_as_complex(tokens, table)
    cosine, sine = table.to(tokens.dtype)
    pairs = torch.unflatten(torch.unflatten(tokens, 1, (-1, cosine.shape[0])), -1, (-1, 2))  # (B, K, N, C/2, 2)
    first, second = pairs.unbind(-1)
    turned = torch.stack([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
    return turned.flatten(3).flatten(1, 2)


def _rotate_as_complex(tokens: Tensor, table: Tensor) -> Tensor:
    turn = torch.complex(*table)
    pairs = torch.view_as_complex(torch.unflatten(torch.unflatten(tokens, 1, (-1, turn.shape[0])), -1, (-1, 2)))
    return torch.view_as_real(pairs * turn).flatten(3).flatten(1, 2)
