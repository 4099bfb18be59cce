"""How a session answers what a person asks on one frame: clicks and a box, or a mask."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from model_server.models.loom.closer_look import CloserLook
from model_server.models.loom.touch_up import is_beyond_touching_up, touched_up
from model_server.models.sam2.click_decoder import Decoding
from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.network.prediction import FramePrediction, ImageFeatures
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.memory_reader import Recall
from model_server.models.sam2.tracking.options import Behaviour
from model_server.models.sam2.tracking.packed import PackedMask
from model_server.models.sam2.tracking.remembered_frame import Answer
from model_server.segmenter import Direction, FramePrompt, Mask


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers prompts on one video."""

    decoding: Decoding
    features: FrameFeatures
    recall: Recall
    geometry: InputGeometry
    behaviour: Behaviour
    closer_look: CloserLook | None
    """How fresh frames are answered by a network that has a correspondence."""

    def to_mask(self, frame_index: int, mask: Mask) -> Answer:
        """A given mask, (H, W) or, by the released predictor's rules, of any size."""
        adopted = self._adopted(frame_index, mask)
        return Answer(adopted, PackedMask.pack(mask) if self.behaviour.returns_given_masks else None)

    def to_prompt(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Tensor | None,
    ) -> Answer:
        """Clicks and box, on a frame that was tracked in `direction` or not at all; they refine `base` logits if any.

        Clicks touch up the mask that was carried to a frame or drawn there, and cut it out where it was wrong
        altogether; where nothing arrived, and after a box, a closer look at the frame answers. Without a correspondence
        fresh frames are decoded from the prompt alone, corrections in the light of the memory; where that outweighs
        the clicks the image answers (SAM 2, section 3).
        """
        if self.closer_look is None:
            return Answer(self._decoded(self.features[frame_index], bank, frame_index, prompt, direction, base))
        if base is not None and not prompt.box and (base > 0).any():
            return self._touched_up(frame_index, prompt, base, self.closer_look)
        look = self.closer_look.look(frame_index, prompt)
        adopted = self._adopted(frame_index, look.mask.unpack())
        said = replace(
            look.said,
            logits=adopted.logits,
            object_score=adopted.object_score,
            object_pointer=adopted.object_pointer,
        )
        return Answer(said, look.mask)

    def _touched_up(self, frame_index: int, prompt: FramePrompt, base: Tensor, closer_look: CloserLook) -> Answer:
        logits = touched_up(base, self.features.places(frame_index), prompt.clicks, self.geometry)
        if not is_beyond_touching_up(base, prompt.clicks, self.geometry):
            return Answer(self.decoding.network.adopt_carried(self.features[frame_index], logits))
        mask = closer_look.cut(frame_index, prompt, self.geometry.video_mask(logits))
        return Answer(self._adopted(frame_index, mask), PackedMask.pack(mask))

    def _adopted(self, frame_index: int, mask: Mask) -> FramePrediction:
        return self.decoding.network.adopt_mask(self.features[frame_index], self.geometry.mask(mask))

    def _decoded(
        self,
        features: ImageFeatures,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Tensor | None,
    ) -> FramePrediction:
        with_own = not self.behaviour.ignores_own_memory
        memory = self.recall.attend(bank, frame_index, direction, with_own=with_own) if direction else None
        answer = self.decoding.decode(features, memory, prompt, base, self.geometry)
        if memory is None or not self.behaviour.clicks_prevail:
            return answer
        wrong = self.geometry.contradicted(answer.logits, prompt.clicks)
        if not wrong:
            return answer
        alone = self.decoding.decode(features, None, prompt, None, self.geometry)
        return alone if self.geometry.contradicted(alone.logits, prompt.clicks) < wrong else answer
