"""Decodes clicks and a box one after the other, each step refining the last.

Shapes: C = d_model, h x w the stride-16 grid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from model_server.models.sam2.geometry import InputGeometry, steps
from model_server.models.sam2.memory import AttendedMemory
from model_server.models.sam2.network.prediction import LOGIT_LIMIT, FramePrediction, ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import FramePrompt


@dataclass(frozen=True, slots=True)
class ClickDecoder:
    """A network's mask decoder and the rules for prompting it."""

    network: Sam2
    click_by_click: bool
    stability_fallback: bool

    def decode(
        self,
        features: ImageFeatures,
        memory: AttendedMemory | None,
        prompt: FramePrompt,
        base: Tensor | None,
        geometry: InputGeometry,
    ) -> FramePrediction:
        """Decode clicks and a box, in pixels of `geometry`'s frame, for one object.

        They refine `base`, (1, 1, 4h, 4w) logits, or start from nothing if it is None. `memory` is None on a frame that
        starts from its prompt alone. The prompt must not be a mask.
        """
        conditioned = self.network.condition(features, memory)
        previous, prediction = base, None
        for step in steps(prompt) if self.click_by_click else [prompt]:
            prompts = replace(geometry.prompts(step), mask_logits=previous)
            prediction = self.network.decode(
                conditioned,
                features,
                prompts,
                multimask=prompts.is_ambiguous,
                stability_fallback=self.stability_fallback,
                candidate=step.candidate if prompts.is_ambiguous else None,
            )
            previous = prediction.logits.clamp(-LOGIT_LIMIT, LOGIT_LIMIT)
        assert prediction is not None, "a prompt without a mask has clicks or a box"
        return prediction
