"""Feature pyramid neck and the image encoder it completes (SAM 2 section 4 "Image encoder", appendix C).

Shapes: B images, C = d_model channels, levels at strides 4, 8, 16, 32.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.network.hiera import Hiera


class Lateral(nn.Module):
    """1 x 1 convolution from a trunk stage to the common width."""

    def __init__(self, channels: int, d_model: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, d_model, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C_stage, H, W) -> (B, C, H, W)."""
        return self.conv(x)


class FeaturePyramid(nn.Module):
    """Projects every stage to d_model; only stride 16 receives a top-down sum, after which stride 32 is dropped."""

    def __init__(self, stage_channels: Sequence[int], d_model: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(Lateral(channels, d_model) for channels in reversed(stage_channels))

    def forward(self, stages: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Four stages, finest first -> (B, C, ., .) at strides 4, 8 and 16."""
        stride32, stride16, stride8, stride4 = (
            conv(stage) for conv, stage in zip(self.convs, reversed(stages), strict=True)
        )
        top_down = F.interpolate(stride32, size=stride16.shape[-2:], mode="nearest")
        return stride4, stride8, stride16 + top_down


class ImageEncoder(nn.Module):
    """Trunk and neck."""

    def __init__(self, trunk: Hiera, neck: FeaturePyramid) -> None:
        super().__init__()
        self.trunk = trunk
        self.neck = neck

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, S, S) -> (B, C, ., .) maps at strides 4, 8 and 16."""
        return self.neck(self.trunk(image))
