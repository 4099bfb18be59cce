"""Answers prompts with the prompt head, which sees a frame or a window of it through the pretrained trunk.

Shapes: S the input size, h x w = S / 4 the cells, (H, W) a frame or a window.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from model_server.models.loom.network import Loom
from model_server.models.loom.prompt_head.drawn_prompts import drawn
from model_server.models.loom.prompt_head.u_net import SeenImages, seen
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.sam2.network.mask_decoder import Candidates
from model_server.models.sam2.network.prediction import FramePrediction
from model_server.segmenter import FramePrompt, Mask

REMEMBERED_VIEWS = 4
BEFORE = 8.0
"""Logit of the pixels of a mask that is refined."""
VISIBLE = 10.0
"""Object score of what a person pointed at."""


@dataclass(frozen=True, slots=True)
class _Glance:
    """What the trunk made of some pixels."""

    pixels: Tensor  # (1, 3, S, S) RGB in 0..255
    levels: tuple[Tensor, Tensor, Tensor]  # at strides 4, 8 and 16


class Sight:
    """The trunk and the prompt head on one video. What was seen last is kept for the next click."""

    def __init__(self, network: Loom, trunk: EfficientNetLite) -> None:
        self._network = network
        self._trunk = trunk
        self._glances: OrderedDict[Hashable, _Glance] = OrderedDict()
        self._views: OrderedDict[Hashable, SeenImages] = OrderedDict()

    @property
    def corrects_masks(self) -> bool:
        """Whether the head was taught to correct masks that are there, and so to keep a share of them."""
        return float(self._network.prompt_head.keep) > 0

    def see(self, key: Hashable, rgb: NDArray[np.uint8]) -> SeenImages:
        """What the trunk sees in (H, W, 3) RGB pixels; `key` names them."""
        if key in self._views:
            self._views.move_to_end(key)
            return self._views[key]
        glance = self._glance(key, rgb)
        self._views[key] = seen(glance.levels, glance.pixels)
        while len(self._views) > REMEMBERED_VIEWS:
            self._views.popitem(last=False)
        return self._views[key]

    def levels(self, key: Hashable, rgb: NDArray[np.uint8]) -> tuple[Tensor, Tensor, Tensor]:
        """The trunk's features of (H, W, 3) RGB pixels at strides 4, 8 and 16; `key` names them."""
        return self._glance(key, rgb).levels

    def pixels(self, key: Hashable, rgb: NDArray[np.uint8]) -> Tensor:
        """(1, 3, S, S) the (H, W, 3) RGB pixels as the trunk sees them, in 0..255; `key` names them."""
        return self._glance(key, rgb).pixels

    def _glance(self, key: Hashable, rgb: NDArray[np.uint8]) -> _Glance:
        if key in self._glances:
            self._glances.move_to_end(key)
            return self._glances[key]
        size, device = self._network.config.image_size, self._network.no_mem_embed.device
        image = torch.as_tensor(np.require(rgb, requirements=["C", "W"])).permute(2, 0, 1)[None].to(device)
        pixels = F.interpolate(image, size=(size, size), mode="bicubic", antialias=True).float()
        levels = self._trunk(pixels.contiguous(memory_format=torch.channels_last))
        glance = self._glances[key] = _Glance(pixels, levels)
        while len(self._glances) > REMEMBERED_VIEWS:
            self._glances.popitem(last=False)
        return glance

    def answer(
        self, view: SeenImages, prompt: FramePrompt, size: tuple[int, int], before: Mask | None
    ) -> FramePrediction:
        """Answer clicks and a box, in pixels of what was seen, of `size` (H, W); they refine the mask `before`.

        Only a single click without a mask has candidates.
        """
        device, cells = self._network.no_mem_embed.device, self._network.config.image_size // 4
        asked = drawn([prompt], size, _logits(before, cells).to(device))
        answer = self._network.prompt_head(view, asked)
        is_ambiguous = len(prompt.clicks) == 1 and prompt.box is None and before is None
        index = int(1 + answer.ious[0, 1:].argmax()) if is_ambiguous else 0
        if is_ambiguous and prompt.candidate is not None:
            index = 1 + prompt.candidate
        d_model = self._network.config.d_model
        nothing = asked.before.new_zeros(1, answer.ious.shape[1], d_model)
        score = asked.before.new_full((1, 1), VISIBLE)
        return FramePrediction(
            logits=answer.masks[:, index, None].float(),
            predicted_iou=answer.ious[:, index].float(),
            object_score=score,
            object_pointer=nothing[:, 0],
            candidates=Candidates(answer.masks.float(), answer.ious.float(), nothing, score),
            mask_index=torch.tensor([index], device=score.device),
            multimask=is_ambiguous,
        )

    def clear(self) -> None:
        """Drop what was seen."""
        self._glances.clear()
        self._views.clear()


def _logits(mask: Mask | None, cells: int) -> Tensor:
    if mask is None:
        return torch.zeros(1, 1, cells, cells)
    pixels = torch.as_tensor(np.ascontiguousarray(mask))[None, None].float()
    return (F.interpolate(pixels, size=(cells, cells), mode="bilinear", antialias=True) * 2 - 1) * BEFORE
