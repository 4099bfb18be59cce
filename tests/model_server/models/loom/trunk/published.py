"""A state dict with the names and shapes of the published EfficientNet-Lite0, of any numbers."""

import torch
from torch import Tensor

BLOCKS = [
    # expansion, kernel, in, out; published numbering
    (1, 3, 32, 16),
    (6, 3, 16, 24),
    (6, 3, 24, 24),
    (6, 5, 24, 40),
    (6, 5, 40, 40),
    (6, 3, 40, 80),
    (6, 3, 80, 80),
    (6, 3, 80, 80),
    (6, 5, 80, 112),
    (6, 5, 112, 112),
    (6, 5, 112, 112),
]


def published_weights(seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    state: dict[str, Tensor] = {}

    def convolution(name: str, *shape: int) -> None:
        fan_in = shape[1] * shape[2] * shape[3]
        state[f"{name}.weight"] = torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5

    def norm(name: str, channels: int) -> None:
        state[f"{name}.weight"] = torch.rand(channels, generator=generator) + 0.5
        state[f"{name}.bias"] = torch.randn(channels, generator=generator) * 0.1
        state[f"{name}.running_mean"] = torch.randn(channels, generator=generator) * 0.1
        state[f"{name}.running_var"] = torch.rand(channels, generator=generator) + 0.5

    convolution("_conv_stem", 32, 3, 3, 3)
    norm("_bn0", 32)
    for number, (expansion, kernel, channels, out_channels) in enumerate(BLOCKS):
        inner = channels * expansion
        if expansion > 1:
            convolution(f"_blocks.{number}._expand_conv", inner, channels, 1, 1)
            norm(f"_blocks.{number}._bn0", inner)
        convolution(f"_blocks.{number}._depthwise_conv", inner, 1, kernel, kernel)
        norm(f"_blocks.{number}._bn1", inner)
        convolution(f"_blocks.{number}._project_conv", out_channels, inner, 1, 1)
        norm(f"_blocks.{number}._bn2", out_channels)
    return state
