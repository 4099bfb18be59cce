"""Geometry: prompts and masks, from pixels of the video to pixels of the network's square input and back.

Shapes: S the input size, (H, W) the video, N points, h x w any grid of logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.masks.packed_mask import PackedMask
from model_server.models.sam2.network.prediction import PromptTensors
from model_server.models.sam2.network.prompt_encoder import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NEGATIVE, POSITIVE
from model_server.segmenter import Click, FramePrompt, Mask


@dataclass(frozen=True, slots=True)
class InputGeometry:
    """The video stretched to the network's square input; the aspect ratio is not kept."""

    video_height: int
    video_width: int
    input_size: int
    device: torch.device

    def prompts(self, prompt: FramePrompt) -> PromptTensors:
        """(1, N, 2) points in pixels of the input: the box as two corners, then the clicks."""
        xy: list[tuple[float, float]] = []
        labels: list[int] = []
        if prompt.box is not None:
            xy += [(prompt.box.x0, prompt.box.y0), (prompt.box.x1, prompt.box.y1)]
            labels += [BOX_TOP_LEFT, BOX_BOTTOM_RIGHT]
        for click in prompt.clicks:
            xy.append((click.x, click.y))
            labels.append(POSITIVE if click.positive else NEGATIVE)
        scale = torch.tensor([self.video_width, self.video_height], dtype=torch.float32)
        points = torch.tensor([xy], dtype=torch.float32) / scale * self.input_size
        return PromptTensors(points.to(self.device), torch.tensor([labels], device=self.device))

    def check(self, mask: Mask | PackedMask) -> None:
        """Raise ValueError unless the mask has the size of the video, (H, W)."""
        if mask.shape != (self.video_height, self.video_width):
            raise ValueError(f"the mask is {mask.shape}, the video {(self.video_height, self.video_width)}")

    def mask(self, mask: Mask) -> Tensor:
        """A bool mask of any size -> (1, 1, S, S) float32 of zeros and ones: resized bilinearly, cut at 0.5."""
        pixels = torch.as_tensor(mask)[None, None].to(self.device, torch.float32)
        if pixels.shape[-2:] == (self.input_size, self.input_size):
            return pixels
        resized = F.interpolate(pixels, size=(self.input_size, self.input_size), mode="bilinear", antialias=True)
        return (resized >= 0.5).float()

    def video_logits(self, logits: Tensor) -> Tensor:
        """(1, 1, h, w) logits -> (1, 1, H, W) float32, bilinear."""
        return F.interpolate(logits.float(), size=(self.video_height, self.video_width), mode="bilinear")

    def contradicted(self, logits: Tensor, clicks: Sequence[Click]) -> int:
        """Number of clicks that contradict the mask of (1, 1, h, w) logits: positive outside it, or negative inside."""
        if not clicks:
            return 0
        size = torch.tensor([self.video_width, self.video_height], dtype=torch.float32)
        at = (torch.tensor([[(click.x, click.y) for click in clicks]]) + 0.5) / size * 2 - 1
        there = F.grid_sample(logits.float(), at[None].to(logits), padding_mode="border", align_corners=False)
        wanted = torch.tensor([click.positive for click in clicks], device=logits.device)
        return int(((there.flatten() > 0) != wanted).sum())

    def video_mask(self, logits: Tensor) -> Mask:
        """(1, 1, h, w) logits -> (H, W) bool, True where the upscaled logit is positive."""
        return (self.video_logits(logits)[0, 0] > 0).cpu().numpy()


def steps(prompt: FramePrompt) -> list[FramePrompt]:
    """The prompt in the order it was drawn: the box, then one more click per step; other fields are kept in all steps.

    Decoding each step on the logits of the previous one makes the answer a function of the prompt set alone: undoing
    a click restores exactly the mask from before it.
    """
    growing = [replace(prompt, clicks=(), candidate=None)] if prompt.box else []
    growing += [replace(prompt, clicks=prompt.clicks[:count]) for count in range(1, len(prompt.clicks) + 1)]
    return growing
