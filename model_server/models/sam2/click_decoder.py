"""Decodes clicks and a box one after the other, each step refining the last.

Shapes: C = d_model, h x w the stride-16 grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from torch import Tensor

from model_server.models.sam2.answered_clicks import AnsweredClicks, Beginning
from model_server.models.sam2.geometry import InputGeometry, steps
from model_server.models.sam2.network.prediction import LOGIT_LIMIT, FramePrediction, ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import FramePrompt, Steps


@dataclass(frozen=True, slots=True)
class ClickDecoder:
    """A network's mask decoder and the rules for prompting it. Answers on frames of the video are remembered."""

    network: Sam2
    click_by_click: bool
    stability_fallback: bool
    answered: AnsweredClicks = field(default_factory=AnsweredClicks)

    def decode(self, features: ImageFeatures, prompt: FramePrompt, geometry: InputGeometry) -> FramePrediction:
        """Decode clicks and a box, in pixels of `geometry`'s frame, from the image alone. Remembers nothing."""
        conditioned = self.network.condition(features, None)
        previous, prediction = None, None
        for step in self._steps(prompt):
            prediction = self._pass(conditioned, features, step, geometry, previous)
            previous = prediction.logits.clamp(-LOGIT_LIMIT, LOGIT_LIMIT)
        assert prediction is not None, "a prompt without a mask has clicks or a box"
        return prediction

    def decoding(
        self, features: ImageFeatures, beginning: Beginning, prompt: FramePrompt, geometry: InputGeometry
    ) -> Steps[FramePrediction]:
        """Decode clicks and a box on a frame of the video, a click per step, for one object.

        They refine the beginning's logits, or start from nothing. Its memory is None on a frame that starts from its
        prompt alone. What was answered before is not decoded again: a click more takes one pass, a click less none.
        """
        each, digest = self._steps(prompt), beginning.digest()
        count, prediction = self.answered.latest(digest, each)
        if count == len(each) and prediction is not None:
            return prediction
        conditioned = self.network.condition(features, beginning.memory)
        for step in each[count:]:
            yield
            previous = beginning.base if prediction is None else prediction.logits.clamp(-LOGIT_LIMIT, LOGIT_LIMIT)
            prediction = self._pass(conditioned, features, step, geometry, previous)
            self.answered.add(digest, step, prediction)
        assert prediction is not None, "a prompt without a mask has clicks or a box"
        return prediction

    def _steps(self, prompt: FramePrompt) -> list[FramePrompt]:
        return steps(prompt) if self.click_by_click else [prompt]

    def _pass(
        self,
        conditioned: Tensor,
        features: ImageFeatures,
        step: FramePrompt,
        geometry: InputGeometry,
        previous: Tensor | None,
    ) -> FramePrediction:
        """One pass of the decoder, which refines (1, 1, 4h, 4w) logits `previous`, if there are any."""
        prompts = replace(geometry.prompts(step), mask_logits=previous)
        return self.network.decode(
            conditioned,
            features,
            prompts,
            multimask=prompts.is_ambiguous,
            stability_fallback=self.stability_fallback,
            candidate=step.candidate if prompts.is_ambiguous else None,
        )
