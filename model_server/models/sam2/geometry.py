"""From what a person asks, in pixels of the video, to what the network takes, in pixels of its square input.

Shapes: S the input size, (H, W) the video, N points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.models.sam2.network.prediction import PromptTensors
from model_server.models.sam2.network.prompt_encoder import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NEGATIVE, POSITIVE
from model_server.segmenter import Click, FramePrompt, Mask


@dataclass(frozen=True, slots=True)
class InputGeometry:
    """How the video is stretched to the network's square input; the aspect ratio is not kept."""

    video_height: int
    video_width: int
    input_size: int
    device: torch.device

    def prompts(self, prompt: FramePrompt) -> PromptTensors:
        """A box as two corner points, then the clicks."""
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

    def check(self, mask: Mask) -> None:
        """Raise ValueError unless the mask has the video's size."""
        if mask.shape != (self.video_height, self.video_width):
            raise ValueError(f"the mask is {mask.shape}, the video {(self.video_height, self.video_width)}")

    def mask(self, mask: Mask) -> Tensor:
        """A mask of any size -> (1, 1, S, S) of zeros and ones."""
        pixels = torch.from_numpy(mask)[None, None].to(self.device, torch.float32)
        if pixels.shape[-2:] == (self.input_size, self.input_size):
            return pixels
        resized = F.interpolate(pixels, size=(self.input_size, self.input_size), mode="bilinear", antialias=True)
        return (resized >= 0.5).float()

    def video_logits(self, logits: Tensor) -> Tensor:
        """(1, 1, h, w) logits -> (1, 1, H, W)."""
        return F.interpolate(logits.float(), size=(self.video_height, self.video_width), mode="bilinear")

    def contradicted(self, logits: Tensor, clicks: Sequence[Click]) -> int:
        """How many clicks (1, 1, h, w) logits contradict: positive ones outside their mask, negative ones in it."""
        if not clicks:
            return 0
        size = torch.tensor([self.video_width, self.video_height], dtype=torch.float32)
        places = (torch.tensor([[(click.x, click.y) for click in clicks]]) + 0.5) / size * 2 - 1
        there = F.grid_sample(logits.float(), places[None].to(logits), padding_mode="border", align_corners=False)
        wanted = torch.tensor([click.positive for click in clicks], device=logits.device)
        return int(((there.flatten() > 0) != wanted).sum())

    def video_mask(self, logits: Tensor) -> Mask:
        """(1, 1, h, w) logits -> (H, W) bool."""
        return (self.video_logits(logits)[0, 0] > 0).cpu().numpy()


def steps(prompt: FramePrompt) -> list[FramePrompt]:
    """The prompt as it grows: the box, then one click more each time.

    Decoding every step with the logits of the one before makes the answer a function of the prompt set alone:
    taking back a click gives exactly the mask from before it.
    """
    growing = [FramePrompt(box=prompt.box)] if prompt.box else []
    growing += [replace(prompt, clicks=prompt.clicks[:count]) for count in range(1, len(prompt.clicks) + 1)]
    return growing
