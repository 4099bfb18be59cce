"""EfficientNet-Lite0 as far as stride 16, for inference: Tan and Le 2019, with ReLU6 and no squeeze-excitation.

Shapes: B images, (H, W) their pixels. Sides that are multiples of 16 give grids that cover the image exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NORM_EPS = 1e-3
PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0
STEM_CHANNELS = 32


@dataclass(frozen=True, slots=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),  # stride 4
    _Stage(2, 5, 2, 6, 40),  # stride 8
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),  # stride 16
)
_TAPPED = (1, 2, 4)
"""Stages whose output is returned: the last one of each stride."""
CHANNELS = tuple(_STAGES[stage].channels for stage in _TAPPED)
"""Channels at strides 4, 8 and 16."""


class EfficientNetLite(nn.Module):
    """The trunk. Its batch norms are folded into the convolutions, so that it cannot be trained."""

    def __init__(self, published: Mapping[str, Tensor]) -> None:
        """Make the network from the published state dict. Raises KeyError if a tensor is missing."""
        super().__init__()
        self.stem = _folded(published, "_conv_stem", "_bn0", stride=2)
        self.stages = nn.ModuleList()
        channels, number = STEM_CHANNELS, 0
        for stage in _STAGES:
            blocks: list[nn.Module] = []
            for repeat in range(stage.repeats):
                blocks.append(_Block(published, f"_blocks.{number}.", stage, stride=stage.stride if repeat == 0 else 1))
                number += 1
            self.stages.append(nn.Sequential(*blocks))
            channels = stage.channels
        assert channels == CHANNELS[-1]
        self.requires_grad_(False).eval()

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) RGB in 0..255 -> features at strides 4, 8 and 16."""
        x = F.relu6(self.stem((pixels - PIXEL_MEAN) / PIXEL_SCALE))
        tapped: list[Tensor] = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in _TAPPED:
                tapped.append(x)
        stride4, stride8, stride16 = tapped
        return stride4, stride8, stride16


class _Block(nn.Module):
    """An inverted residual: expand, filter each channel, project."""

    def __init__(self, published: Mapping[str, Tensor], prefix: str, stage: _Stage, stride: int) -> None:
        super().__init__()
        expands = stage.expansion > 1
        self.expand = _folded(published, f"{prefix}_expand_conv", f"{prefix}_bn0") if expands else None
        self.depthwise = _folded(published, f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride=stride)
        self.project = _folded(published, f"{prefix}_project_conv", f"{prefix}_bn2")
        first = self.depthwise if self.expand is None else self.expand
        self.is_residual = stride == 1 and first.in_channels == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        inner = x if self.expand is None else F.relu6(self.expand(x))
        inner = self.project(F.relu6(self.depthwise(inner)))
        return x + inner if self.is_residual else inner


class _SameConv(nn.Conv2d):
    """A convolution padded as in TensorFlow: what does not divide evenly goes to the bottom and the right."""

    def forward(self, input: Tensor) -> Tensor:
        padding: list[int] = []
        for size, kernel, stride in zip(reversed(input.shape[-2:]), self.kernel_size, self.stride, strict=True):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            padding += [total // 2, total - total // 2]
        return super().forward(F.pad(input, padding) if any(padding) else input)


def _folded(published: Mapping[str, Tensor], convolution: str, norm: str, stride: int = 1) -> nn.Conv2d:
    """A convolution and the batch norm after it as one convolution."""
    weight = published[f"{convolution}.weight"]
    scale = published[f"{norm}.weight"] / torch.sqrt(published[f"{norm}.running_var"] + NORM_EPS)
    out_channels, per_group, kernel, _ = weight.shape
    groups = out_channels if per_group == 1 else 1
    of_kind = nn.Conv2d if stride == 1 else _SameConv
    padding = kernel // 2 if stride == 1 else 0
    folded = of_kind(per_group * groups, out_channels, kernel, stride, padding, groups=groups)
    with torch.no_grad():
        folded.weight.copy_(weight * scale[:, None, None, None])
        assert folded.bias is not None
        folded.bias.copy_(published[f"{norm}.bias"] - published[f"{norm}.running_mean"] * scale)
    return folded
