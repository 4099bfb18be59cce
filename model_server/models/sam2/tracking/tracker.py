"""How a session answers prompts and propagates masks: the seam between the session and the model it serves.

Shapes: B objects, h x w the stride-16 grid, S the input size, (H, W) the video.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from model_server.models.sam2.answered_clicks import Beginning
from model_server.models.sam2.click_decoder import ClickDecoder
from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.network.prediction import FramePrediction, PromptTensors
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.memory_reader import MemoryReader
from model_server.models.sam2.tracking.options import Behaviour
from model_server.models.sam2.tracking.remembered_frame import Base, PromptAnswer, RememberedFrame, predicted_frame
from model_server.segmenter import Direction, FramePrompt, FrameSource, Mask, Steps


@dataclass(frozen=True, slots=True)
class OpenVideo:
    """An open video, as a tracker sees it."""

    network: Sam2
    source: FrameSource
    features: FrameFeatures
    geometry: InputGeometry
    memory: MemoryReader
    decoder: ClickDecoder
    behaviour: Behaviour

    def adopted(self, frame_index: int, mask: Mask) -> FramePrediction:
        """Take a given mask as the answer: (H, W), or of any size under the rules of the released predictor."""
        return self.network.adopt_mask(self.features[frame_index], self.geometry.mask(mask))


class Tracker(Protocol):
    """Answers prompts on one video and propagates its objects from frame to frame."""

    def answering(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Base | None,
    ) -> Steps[PromptAnswer]:
        """Answer clicks and a box on a frame that was tracked in `direction`, or not at all (None).

        They refine `base`, unless it is None.
        """
        ...

    def adopted(self, frame_index: int, mask: Mask) -> FramePrediction:
        """Take a given mask as the answer: (H, W), or of any size under the rules of the released predictor."""
        ...

    def propagate(self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction) -> list[RememberedFrame]:
        """Track B objects to a frame, in order; every one has a conditioning frame elsewhere."""
        ...

    def warm(self, frame_index: int) -> None:
        """Compute and cache what can be known of a frame ahead of its use."""
        ...

    def cached_bytes(self) -> int:
        """Bytes held that `drop_caches` frees."""
        ...

    def drop_caches(self) -> None:
        """Free what can be recomputed."""
        ...


OpenTracker = Callable[[OpenVideo], Tracker]
"""Makes a tracker for a video."""


@dataclass(frozen=True, slots=True)
class Sam2Tracker:
    """Tracks as in the paper: the decoder answers prompts, memory attention propagates (SAM 2, section 4)."""

    video: OpenVideo

    def answering(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Base | None,
    ) -> Steps[PromptAnswer]:
        """Decode a fresh frame from its prompt alone, and a correction conditioned on the memory.

        Ours: if the mask contradicts the clicks and the image alone does so less, the image answers.
        """
        video = self.video
        with_own = not video.behaviour.ignores_own_memory
        features = video.features[frame_index]
        yield
        memory = video.memory.attend(bank, frame_index, direction, with_own=with_own) if direction else None
        decoding = partial(video.decoder.decoding, features, prompt=prompt, geometry=video.geometry)
        answer = yield from decoding(beginning=Beginning(frame_index, memory, base and base.logits))
        if memory is None or not video.behaviour.clicks_prevail:
            return PromptAnswer(answer)
        wrong = video.geometry.contradicted(answer.logits, prompt.clicks)
        if not wrong:
            return PromptAnswer(answer)
        alone = yield from decoding(beginning=Beginning(frame_index))
        return PromptAnswer(alone if video.geometry.contradicted(alone.logits, prompt.clicks) < wrong else answer)

    def adopted(self, frame_index: int, mask: Mask) -> FramePrediction:
        """Have the decoder make the object pointer of a mask."""
        return self.video.adopted(frame_index, mask)

    def propagate(self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction) -> list[RememberedFrame]:
        """Track all objects in one pass of the network."""
        video = self.video
        features = video.features[frame_index]
        memories = video.memory.attend_together(banks, frame_index, direction)
        conditioned = video.network.condition_together(features, memories)
        prompts = PromptTensors.none(len(banks), video.geometry.device)
        prediction = video.network.decode(conditioned, features, prompts, multimask=True)
        return [predicted_frame(prediction, row, "tracked", direction) for row in range(len(banks))]

    def warm(self, frame_index: int) -> None:
        """Encode a frame."""
        _ = self.video.features[frame_index]

    def cached_bytes(self) -> int:
        """Bytes held by the answers to earlier clicks."""
        return self.video.decoder.answered.num_bytes()

    def drop_caches(self) -> None:
        """Drop the answers to earlier clicks."""
        self.video.decoder.answered.clear()
