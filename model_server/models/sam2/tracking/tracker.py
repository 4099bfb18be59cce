"""How a session answers a prompt and carries masks on: the seam between SAM 2's session and the model it serves.

Shapes: B objects, h x w the stride-16 grid, S the input size, (H, W) the video.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from model_server.models.sam2.click_decoder import ClickDecoder
from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.network.prediction import FramePrediction, PromptTensors
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.memory_reader import MemoryReader
from model_server.models.sam2.tracking.options import Behaviour
from model_server.models.sam2.tracking.remembered_frame import PromptAnswer, RememberedFrame, predicted_frame
from model_server.segmenter import Direction, FramePrompt, FrameSource, Mask


@dataclass(frozen=True, slots=True)
class OpenVideo:
    """What a tracker is given of one open video."""

    network: Sam2
    source: FrameSource
    features: FrameFeatures
    geometry: InputGeometry
    memory: MemoryReader
    decoder: ClickDecoder
    behaviour: Behaviour

    def adopted(self, frame_index: int, mask: Mask) -> FramePrediction:
        """A mask that is given, (H, W) or, by the released predictor's rules, of any size, taken as the answer."""
        return self.network.adopt_mask(self.features[frame_index], self.geometry.mask(mask))


class Tracker(Protocol):
    """Answers prompts on one video, and carries its objects from frame to frame."""

    def answer(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Tensor | None,
    ) -> PromptAnswer:
        """The answer to clicks and a box on a frame that was tracked in `direction`, or not at all.

        They refine the mask of the (1, 1, 4h, 4w) logits `base`, where there is one.
        """
        ...

    def propagate(self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction) -> list[RememberedFrame]:
        """What each of B objects becomes on a frame, in their order; every one has a conditioning frame elsewhere."""
        ...

    def drop_caches(self) -> None:
        """Free what can be made again at the cost of time."""
        ...


OpenTracker = Callable[[OpenVideo], Tracker]
"""Begins to track in a video."""


@dataclass(frozen=True, slots=True)
class Sam2Tracker:
    """The paper's way: the decoder answers, and memory attention carries (SAM 2, section 4)."""

    video: OpenVideo

    def answer(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Tensor | None,
    ) -> PromptAnswer:
        """Fresh frames are decoded from the prompt alone, corrections in the light of the memory.

        Where the memory outweighs the clicks the image answers (SAM 2, section 3).
        """
        return PromptAnswer(self._decoded(bank, frame_index, prompt, direction, base))

    def propagate(self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction) -> list[RememberedFrame]:
        """All objects in one pass of the network."""
        video = self.video
        features = video.features[frame_index]
        memories = video.memory.attend_together(banks, frame_index, direction)
        conditioned = video.network.condition_together(features, memories)
        prompts = PromptTensors.none(len(banks), video.geometry.device)
        prediction = video.network.decode(conditioned, features, prompts, multimask=True)
        return [predicted_frame(prediction, row, "tracked", direction) for row in range(len(banks))]

    def drop_caches(self) -> None:
        """There are none."""

    def _decoded(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Tensor | None,
    ) -> FramePrediction:
        video = self.video
        features = video.features[frame_index]
        with_own = not video.behaviour.ignores_own_memory
        memory = video.memory.attend(bank, frame_index, direction, with_own=with_own) if direction else None
        answer = video.decoder.decode(features, memory, prompt, base, video.geometry)
        if memory is None or not video.behaviour.clicks_prevail:
            return answer
        wrong = video.geometry.contradicted(answer.logits, prompt.clicks)
        if not wrong:
            return answer
        alone = video.decoder.decode(features, None, prompt, None, video.geometry)
        return alone if video.geometry.contradicted(alone.logits, prompt.clicks) < wrong else answer
