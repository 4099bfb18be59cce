"""Prompts in pixels as the prompt head takes them: in shares of what was seen, padded to one length.

Shapes: B prompts, N clicks of the longest, H x W the stride-4 grid of cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from model_server.models.loom.prompt_head.signals import DrawnPrompts
from model_server.segmenter import FramePrompt


def drawn(prompts: Sequence[FramePrompt], size: tuple[int, int], before: Tensor) -> DrawnPrompts:
    """Clicks and boxes in pixels of pictures of `size` (height, width), and the (B, 1, H, W) logits they refine."""
    longest = max(1, *(len(prompt.clicks) for prompt in prompts))
    height, width = size
    clicks, sides = torch.zeros(len(prompts), longest, 2), torch.zeros(len(prompts), longest)
    boxes = torch.zeros(len(prompts), 4)
    for row, prompt in enumerate(prompts):
        for number, click in enumerate(prompt.clicks):
            clicks[row, number] = torch.tensor([(click.x + 0.5) / width, (click.y + 0.5) / height])
            sides[row, number] = 1.0 if click.positive else -1.0
        if (box := prompt.box) is not None:
            corners = box.x0 / width, box.y0 / height, (box.x1 + 1) / width, (box.y1 + 1) / height
            boxes[row] = torch.tensor(corners)
    return DrawnPrompts(clicks.to(before.device), sides.to(before.device), boxes.to(before.device), before)
