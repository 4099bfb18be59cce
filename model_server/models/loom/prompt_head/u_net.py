"""The network that answers prompts: trunk features and the prompt's signals in, four masks and their IoUs out.

Ours. As in SAM, mask 0 answers a prompt that is clear, masks 1 to 3 are candidates for a single click.

Shapes: B prompts, H x W the stride-4 grid of cells, h x w the stride-8 grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.loom.prompt_head.signals import (
    DrawnPrompts,
    along_the_image,
    near_prompts,
    nearness,
    seeds_of,
    step_lengths,
)
from model_server.models.loom.trunk.efficientnet_lite import CHANNELS

NUM_MASKS = 4
EMBEDDING = 32
WIDTHS = (32, 72, 96, 128)
"""Channels at strides 4, 8, 16 and 32."""
KEEP = 0.25
"""In the beginning, the share of a mask that is refined in the answer: what nothing speaks against stays."""
SHARES = (0.6, 1.0)
"""Weights of strides 8 and 16 in the features whose likeness makes steps short."""


@dataclass(frozen=True, slots=True)
class SeenImages:
    """What is known of B images before anybody prompts."""

    levels: tuple[
        Tensor, Tensor, Tensor
    ]  # the trunk's features at strides 4, 8 and 16, each cell of mean 0, deviation 1
    colours: Tensor  # (B, 3, H, W) in 0..1
    steps: Tensor  # (B, 4, h, w)

    def pick(self, index: Tensor) -> SeenImages:
        """The images `index`, (N,), one per prompt."""
        stride4, stride8, stride16 = (level[index] for level in self.levels)
        return SeenImages((stride4, stride8, stride16), self.colours[index], self.steps[index])


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """Four masks for each prompt."""

    masks: Tensor  # (B, 4, H, W) logits
    ious: Tensor  # (B, 4) predicted, in 0..1


def seen(levels: Sequence[Tensor], pixels: Tensor) -> SeenImages:
    """What does not depend on the prompt; `pixels` (B, 3, S, S) are RGB in 0..255."""
    stride4, stride8, stride16 = levels
    colours = F.interpolate(pixels, size=stride4.shape[-2:], mode="area") / 255
    fine, coarse = F.normalize(stride8.float(), dim=1), F.normalize(stride16.float(), dim=1)
    coarse = F.interpolate(coarse, size=fine.shape[-2:], mode="bilinear")
    alike = F.normalize(torch.cat([SHARES[0] * fine, SHARES[1] * coarse], dim=1), dim=1)
    steps = step_lengths(alike, F.avg_pool2d(colours, 2))
    return SeenImages((_even(stride4), _even(stride8), _even(stride16)), colours, steps)


class PromptHead(nn.Module):
    """A small U-net over the trunk's features, with the prompt's signals beside them."""

    def __init__(self) -> None:
        super().__init__()
        four, eight, sixteen, thirty_two = WIDTHS
        self.see4 = nn.Conv2d(CHANNELS[0] + 3, four, kernel_size=1)
        self.see8 = nn.Conv2d(CHANNELS[1], eight, kernel_size=1)
        self.see16 = nn.Conv2d(CHANNELS[2], eight, kernel_size=1)
        self.embed = nn.Conv2d(CHANNELS[1] + CHANNELS[2], EMBEDDING, kernel_size=1)
        self.hear4 = nn.Conv2d(6, four, kernel_size=1)
        self.hear8 = nn.Conv2d(6 + 4 + 2, eight, kernel_size=3, padding=1)
        self.down8 = nn.Sequential(_Residual(eight), _Residual(eight))
        self.down16 = nn.Sequential(nn.Conv2d(eight, sixteen, 2, 2), _Residual(sixteen), _Residual(sixteen))
        self.down32 = nn.Sequential(nn.Conv2d(sixteen, thirty_two, 2, 2), _Residual(thirty_two), _Residual(thirty_two))
        self.up16 = nn.Sequential(nn.Conv2d(thirty_two + sixteen, sixteen, 1), _Residual(sixteen))
        self.up8 = nn.Sequential(nn.Conv2d(sixteen + eight, eight, 1), _Residual(eight))
        self.up4 = nn.Sequential(
            nn.Conv2d(eight + 2 * four, four, 1), nn.GELU(), nn.Conv2d(four, four, 3, padding=1), nn.GELU()
        )
        self.masks = nn.Conv2d(four, NUM_MASKS, kernel_size=1)
        self.judge = nn.Sequential(nn.Linear(2 * thirty_two + 3, 64), nn.GELU(), nn.Linear(64, 1))
        self.kind = nn.Parameter(torch.zeros(NUM_MASKS, thirty_two))
        self.context = nn.Conv2d(eight, thirty_two, kernel_size=1)
        self.keep = nn.Parameter(torch.tensor(KEEP))
        nn.init.normal_(self.kind, std=0.1)

    def forward(self, images: SeenImages, prompts: DrawnPrompts) -> HeadAnswer:
        """Answer B prompts, on one image each."""
        stride4, stride8, stride16 = images.levels
        near4 = near_prompts(prompts)
        near8 = torch.cat(
            [F.avg_pool2d(near4, 2), *_far_signals(images, prompts), self._likeness(images, prompts)], dim=1
        )
        coarse = F.interpolate(self.see16(stride16), size=stride8.shape[-2:], mode="bilinear")
        x8 = self.down8(self.see8(stride8) + coarse + self.hear8(near8))
        x16 = self.down16(x8)
        x32 = self.down32(x16)
        up16 = self.up16(torch.cat([_doubled(x32), x16], dim=1))
        up8 = self.up8(torch.cat([_doubled(up16), x8], dim=1))
        here = torch.cat([self.see4(torch.cat([stride4, images.colours - 0.5], dim=1)), self.hear4(near4)], dim=1)
        masks = self.masks(self.up4(torch.cat([_doubled(up8), here], dim=1))) + self.keep * prompts.before
        return HeadAnswer(masks, self._judged(masks.detach(), up8))

    def _likeness(self, images: SeenImages, prompts: DrawnPrompts) -> Tensor:
        """(B, 2, h, w): cosine to the most similar click of each side; -1 without any."""
        _, stride8, stride16 = images.levels
        coarse = F.interpolate(stride16, size=stride8.shape[-2:], mode="bilinear")
        cells = F.normalize(self.embed(torch.cat([stride8, coarse], dim=1)), dim=1)
        at = prompts.clicks[:, :, None] * 2 - 1  # (B, N, 1, 2)
        clicked = F.grid_sample(cells, at.to(cells.dtype), padding_mode="border", align_corners=False)[..., 0]
        alike = torch.einsum("bchw,bcn->bnhw", cells, F.normalize(clicked, dim=1))
        sides = prompts.sides[..., None, None]
        return torch.stack([torch.where(sides == side, alike, -1.0).amax(dim=1) for side in (1, -1)], dim=1)

    def _judged(self, masks: Tensor, up8: Tensor) -> Tensor:
        """(B, 4) predicted IoU, from the features inside and around each mask, and from how sure it is."""
        shares = F.avg_pool2d(masks.sigmoid(), 2)  # (B, 4, h, w)
        cells = self.context(up8)
        area = shares.flatten(2).mean(dim=2)
        inside = torch.einsum("bchw,bmhw->bmc", cells, shares) / (shares.flatten(2).sum(dim=2)[..., None] + 1)
        border = 4 * shares * (1 - shares)
        edge = torch.einsum("bchw,bmhw->bmc", cells, border) / (border.flatten(2).sum(dim=2)[..., None] + 1)
        sure = (border.flatten(2).sum(dim=2) + 1).log() - (shares.flatten(2).sum(dim=2) + 1).log()
        numbers = torch.stack([area.sqrt(), sure, masks.flatten(2).amax(dim=2).tanh()], dim=2)
        return self.judge(torch.cat([inside + self.kind, edge, numbers], dim=2))[..., 0].sigmoid()


class _Residual(nn.Module):
    """A residual: filter each channel over its surroundings, then mix channels (ConvNeXt, Liu et al. 2022)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, kernel_size=5, padding=2, groups=channels)
        self.norm = nn.GroupNorm(1, channels)
        self.widen = nn.Conv2d(channels, 2 * channels, kernel_size=1)
        self.narrow = nn.Conv2d(2 * channels, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.narrow(F.gelu(self.widen(self.norm(self.depthwise(x)))))


def _far_signals(images: SeenImages, prompts: DrawnPrompts) -> list[Tensor]:
    """Two (B, 2, h, w) maps: how near, along the image, the clicks are; and the surroundings that are known."""
    size = images.steps.shape[-2:]
    return [nearness(along_the_image(images.steps, seeds)) for seeds in seeds_of(prompts, (size[0], size[1]))]


def _even(level: Tensor) -> Tensor:
    """Each cell's channels with mean 0 and deviation 1."""
    level = level.float()
    return (level - level.mean(dim=1, keepdim=True)) / (level.std(dim=1, keepdim=True) + 1e-3)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")
