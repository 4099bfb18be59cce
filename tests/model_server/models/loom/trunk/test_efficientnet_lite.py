"""The trunk computes what the published description says, written here a second time without folding."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.models.loom.trunk.efficientnet_lite import CHANNELS, EfficientNetLite
from tests.model_server.models.loom.trunk.published import BLOCKS, published_weights

STRIDE_TWO = {1, 3, 5}  # blocks, in published numbering


def by_the_description(state: dict[str, Tensor], pixels: Tensor) -> list[Tensor]:
    def convolved(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = state[f"{name}.weight"]
        kernel, size = weight.shape[-1], x.shape[-1]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)  # TensorFlow's "same"
        padded = F.pad(x, (total // 2, total - total // 2) * 2)
        return F.conv2d(padded, weight, stride=stride, groups=x.shape[1] if weight.shape[1] == 1 else 1)

    def normed(x: Tensor, name: str) -> Tensor:
        mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
        return F.batch_norm(x, mean, var, state[f"{name}.weight"], state[f"{name}.bias"], eps=1e-3)

    x = F.relu6(normed(convolved((pixels - 127) / 128, "_conv_stem", 2), "_bn0"))
    outputs: list[Tensor] = []
    for number, (expansion, _, channels, out_channels) in enumerate(BLOCKS):
        prefix, inner = f"_blocks.{number}.", x
        if expansion > 1:
            inner = F.relu6(normed(convolved(inner, f"{prefix}_expand_conv"), f"{prefix}_bn0"))
        stride = 2 if number in STRIDE_TWO else 1
        inner = F.relu6(normed(convolved(inner, f"{prefix}_depthwise_conv", stride), f"{prefix}_bn1"))
        inner = normed(convolved(inner, f"{prefix}_project_conv"), f"{prefix}_bn2")
        x = x + inner if stride == 1 and channels == out_channels else inner
        outputs.append(x)
    return [outputs[2], outputs[4], outputs[10]]


@pytest.mark.parametrize("side", [64, 96])
def test_it_computes_what_the_description_says(side: int) -> None:
    state = published_weights()
    pixels = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(1)) * 255
    levels = EfficientNetLite(state)(pixels)
    for level, expected, stride, channels in zip(
        levels, by_the_description(state, pixels), (4, 8, 16), CHANNELS, strict=True
    ):
        assert level.shape == (2, channels, side // stride, side // stride)
        torch.testing.assert_close(level, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))


def test_it_cannot_be_trained() -> None:
    network = EfficientNetLite(published_weights())
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_a_state_dict_without_a_tensor_is_refused() -> None:
    state = published_weights()
    del state["_blocks.7._bn1.running_var"]
    with pytest.raises(KeyError, match=r"_blocks\.7\._bn1"):
        EfficientNetLite(state)
