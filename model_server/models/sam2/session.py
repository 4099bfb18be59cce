"""A tracking session of SAM 2: one video, any number of independent objects (SAM 2 section 4 and appendix C).

It has a network, it is not one. Differences from the released predictor, all of them switches of `Behaviour`:
every prompted frame is conditioning, so that corrections last and spread; the answer to a prompt set does not depend
on the order in which it was edited; a given mask is returned as given.

Shapes: h x w the stride-16 grid, (H, W) the video.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.memory_bank import MemoryBank, MemoryRules, Origin, PackedMask, RememberedFrame
from model_server.models.sam2.network.prediction import FramePrediction, Prompts, stability
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.prompting import PREVIOUS_LOGIT_LIMIT, InputGeometry, steps
from model_server.models.sam2.recall import Recall
from model_server.segmenter import Direction, FramePrompt, FrameResult, FrameSource, Mask

REPORTED_STABILITY_OFFSET = 1.0
"""Logits by which the threshold is moved for the stability people see; SA-V reports the same."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Where a session may differ from the released predictor; the defaults are ours."""

    corrections_condition: bool = True
    """A prompt on a tracked frame makes it conditioning; otherwise the next propagation overwrites it."""
    answers_click_by_click: bool = True
    """Every click sees the answer to those before it; otherwise the answer to whatever was asked before."""
    returns_given_masks: bool = True
    """A mask prompt is returned pixel for pixel; otherwise as the network's coarser logits."""
    forgets_cleared_frames: bool = True
    """Clearing a frame drops its memory; otherwise it stays as an ordinary memory."""
    knows_video_length: bool = False
    """Pointer ages are shares of the video's length when it is under 16 frames; otherwise always of 16."""


REFERENCE_BEHAVIOUR = Behaviour(
    corrections_condition=False,
    answers_click_by_click=False,
    returns_given_masks=False,
    forgets_cleared_frames=False,
    knows_video_length=True,
)


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a session runs. `max_conditioning` and the rest of the rules count frames."""

    rules: MemoryRules
    behaviour: Behaviour = Behaviour()
    stability_fallback: bool = True
    binarise_prompted: bool = True
    feature_cache_bytes: int = 512 * 2**20
    tracked_bytes_per_object: int = 16 * 2**20
    """What tracked frames may hold beyond their masks; those within the attention window always keep theirs."""
    autocast: torch.dtype | None = None


class Sam2Session:
    """Implements `model_server.segmenter.TrackingSession`."""

    def __init__(self, network: Sam2, source: FrameSource, options: SessionOptions) -> None:
        self._network = network
        self._options = options
        self._behaviour = options.behaviour
        self._device = network.no_mem_embed.device
        rules = options.rules
        if options.behaviour.knows_video_length:
            rules = replace(rules, max_pointers=min(source.num_frames, rules.max_pointers))
        self._geometry = InputGeometry(source.height, source.width, network.config.image_size, self._device)
        self._features = FrameFeatures(network, source, options.feature_cache_bytes)
        self._recall = Recall(network, self._features, self._geometry, rules, options.binarise_prompted)
        self._banks: dict[str, MemoryBank] = {}

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        """Apply the complete prompt set of a frame, replacing earlier ones; the frame becomes conditioning."""
        if prompt.mask is not None and self._behaviour.returns_given_masks:
            self._geometry.check(prompt.mask)
        bank = self._banks.get(object_id, MemoryBank())
        before = bank.frames.get(frame_index)
        with self._inference():
            direction = _direction_of_prompt(bank, frame_index)
            base = self._base_logits(before)
            if prompt.mask is None:
                prediction = self._answer(bank, frame_index, prompt, direction, base)
            else:
                prediction = self._adopt(frame_index, prompt.mask)
            frame = _remember(prediction, "prompted", direction)
            frame.is_conditioning = (
                self._behaviour.corrections_condition
                or direction is None
                or (before is not None and before.is_conditioning)
            )
            frame.base_logits = base if prompt.mask is None else frame.logits
            if prompt.mask is not None and self._behaviour.returns_given_masks:
                frame.mask = PackedMask.pack(prompt.mask)
            # Only now: a prompt that failed must leave no trace.
            self._banks.setdefault(object_id, bank).frames[frame_index] = frame
            return self._result(object_id, frame_index, frame)

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        """Forget the object's prompt and memory on this frame."""
        frames = self._banks[object_id].frames if object_id in self._banks else {}
        if self._behaviour.forgets_cleared_frames:
            frames.pop(frame_index, None)
        elif frame_index in frames:
            frames[frame_index].is_conditioning = False
            frames[frame_index].direction = None

    def track(self, object_id: str, frame_index: int, direction: Direction) -> FrameResult:
        """Carry the object one frame on; a conditioning frame returns what its prompt gave.

        Raises ValueError when the object has no conditioning frame.
        """
        bank = self._banks.get(object_id, MemoryBank())
        if not bank.indices(conditioning=True):
            raise ValueError(f"object {object_id!r} has no prompted frame to be tracked from")
        frame = bank.frames.get(frame_index)
        with self._inference():
            if frame is not None and frame.is_conditioning:
                if not self._behaviour.corrections_condition:
                    frame.direction = direction
                return self._result(object_id, frame_index, frame)
            features = self._features[frame_index]
            conditioned = self._network.condition(features, self._recall.attend(bank, frame_index, direction))
            prompts = Prompts.none(1, self._device)
            prediction = self._network.decode(conditioned, features, prompts, multimask=True)
            frame = bank.frames[frame_index] = _remember(prediction, "tracked", direction)
            bank.shed(frame_index, self._options.rules.reach, self._options.tracked_bytes_per_object)
            return self._result(object_id, frame_index, frame)

    def seed(self, object_id: str, frame_index: int, mask: Mask, object_score: float, conditioning: bool) -> None:
        """Remember a stored mask as if this session had made it; its memory is encoded when first needed."""
        self._geometry.check(mask)
        bank = self._banks.setdefault(object_id, MemoryBank())
        bank.frames[frame_index] = RememberedFrame(
            "seeded", object_score, 1.0, is_conditioning=conditioning, mask=PackedMask.pack(mask)
        )

    def forget_object(self, object_id: str) -> None:
        """Drop everything known of the object; unknown objects are ignored."""
        self._banks.pop(object_id, None)

    def warm(self, frame_index: int) -> None:
        """Encode and cache a frame's features ahead of use."""
        with self._inference():
            _ = self._features[frame_index]

    def memory_bytes(self) -> int:
        """Memory held by features and memories."""
        return self._features.num_bytes() + sum(bank.num_bytes() for bank in self._banks.values())

    def _answer(
        self, bank: MemoryBank, frame_index: int, prompt: FramePrompt, direction: Direction | None, base: Tensor | None
    ) -> FramePrediction:
        """Clicks and box: corrections of tracked frames see the memory, other frames start from the prompt alone."""
        features = self._features[frame_index]
        memory = self._recall.attend(bank, frame_index, direction) if direction else None
        conditioned = self._network.condition(features, memory)
        previous, prediction = base, None
        for step in steps(prompt) if self._behaviour.answers_click_by_click else [prompt]:
            prompts = replace(self._geometry.prompts(step), mask_logits=previous)
            prediction = self._network.decode(
                conditioned,
                features,
                prompts,
                multimask=prompts.is_ambiguous,
                stability_fallback=self._options.stability_fallback,
                reading=step.candidate if prompts.is_ambiguous else None,
            )
            previous = prediction.logits.clamp(-PREVIOUS_LOGIT_LIMIT, PREVIOUS_LOGIT_LIMIT)
        assert prediction is not None, "a prompt without a mask has clicks or a box"
        return prediction

    def _adopt(self, frame_index: int, mask: Mask) -> FramePrediction:
        return self._network.adopt_mask(self._features[frame_index], self._geometry.mask(mask))

    def _base_logits(self, before: RememberedFrame | None) -> Tensor | None:
        """What the clicks on this frame refine, (1, 1, 4h, 4w) within +-32."""
        if before is None:
            return None
        if before.origin == "prompted" and self._behaviour.answers_click_by_click:
            return before.base_logits
        return self._recall.logits(before).clamp(-PREVIOUS_LOGIT_LIMIT, PREVIOUS_LOGIT_LIMIT)

    def _result(self, object_id: str, frame_index: int, frame: RememberedFrame) -> FrameResult:
        logits = self._recall.logits(frame).float()
        return FrameResult(
            frame_index=frame_index,
            object_id=object_id,
            mask=frame.mask.unpack() if frame.mask else self._geometry.video_mask(logits),
            low_res_logits=logits[0, 0].cpu().numpy(),
            predicted_iou=frame.predicted_iou,
            object_score=frame.object_score,
            stability=float(stability(logits[0, 0], REPORTED_STABILITY_OFFSET)),
            candidate=frame.candidate,
            candidate_ious=frame.candidate_ious,
        )

    @contextmanager
    def _inference(self) -> Iterator[None]:
        dtype = self._options.autocast
        with torch.inference_mode(), torch.autocast(self._device.type, dtype, enabled=dtype is not None):
            yield


def _remember(prediction: FramePrediction, origin: Origin, direction: Direction | None) -> RememberedFrame:
    return RememberedFrame(
        origin=origin,
        object_score=float(prediction.object_score),
        predicted_iou=float(prediction.predicted_iou),
        is_conditioning=False,
        candidate=int(prediction.mask_index) - 1 if prediction.multimask else None,
        candidate_ious=tuple(prediction.offered_ious[0].tolist()),
        direction=direction,
        logits=prediction.logits,
        object_pointer=prediction.object_pointer,
    )


def _direction_of_prompt(bank: MemoryBank, frame_index: int) -> Direction | None:
    """The direction in which a prompted frame had been tracked; None for a frame that had not.

    Of a seeded frame this is not known: it is taken to have come from the nearest prompt before it, if there is one.
    """
    frame = bank.frames.get(frame_index)
    if frame is None or frame.origin != "seeded":
        return None if frame is None else frame.direction
    others = [index for index in bank.indices(conditioning=True) if index != frame_index]
    if not others:
        return None
    return "forward" if others[0] < frame_index else "backward"
