"""A tracking session of SAM 2: one video, any number of independent objects (SAM 2 section 4 and appendix C).

Differences from the released predictor, all of them fields of `Behaviour`: every prompted frame is conditioning, so
that corrections last and spread; the answer to a prompt set does not depend on the order of edits; a given mask is
returned as given.

Shapes: B objects, h x w the stride-16 grid, (H, W) the video.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import assert_never

import torch

from model_server.mask_search import AutomaticOptions
from model_server.masks.packed_mask import PackedMask
from model_server.models.sam2.click_decoder import ClickDecoder
from model_server.models.sam2.frame_features import FrameFeatures, require_frame
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.images.automatic_masks import AutomaticSearch
from model_server.models.sam2.images.image_segmenter import ImageOptions, ImageSegmenter
from model_server.models.sam2.network.prediction import LOGIT_LIMIT
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.memory_reader import MemoryReader
from model_server.models.sam2.tracking.options import (
    REFERENCE_BEHAVIOUR,
    Behaviour,
    SessionOptions,
    bytes_per_frame,
    objects_at_once,
)
from model_server.models.sam2.tracking.remembered_frame import Base, PromptAnswer, RememberedFrame, answered_frame
from model_server.models.sam2.tracking.results import ResultMaker, filled
from model_server.models.sam2.tracking.tracker import OpenTracker, OpenVideo, Sam2Tracker
from model_server.segmenter import Direction, FramePrompt, FrameResult, FrameSource, Steps, StoredFrame, T, completed

__all__ = ["REFERENCE_BEHAVIOUR", "Behaviour", "Sam2Session", "SessionOptions"]


class Sam2Session:
    """Implements `model_server.segmenter.TrackingSession`."""

    def __init__(
        self,
        network: Sam2,
        source: FrameSource,
        options: SessionOptions,
        open_tracker: OpenTracker = Sam2Tracker,
    ) -> None:
        self._network = network
        self._source = source
        self._options = options
        self._behaviour = options.behaviour
        self._device = network.no_mem_embed.device
        rules = options.rules
        if options.behaviour.knows_video_length:
            rules = replace(rules, max_pointers=min(source.num_frames, rules.max_pointers))
        self._geometry = InputGeometry(source.height, source.width, network.config.image_size, self._device)
        self._features = FrameFeatures(network, source, options.feature_cache_bytes)
        self._memory = MemoryReader(network, self._features, self._geometry, rules, options.binarise_prompted)
        self._result_maker = ResultMaker(self._memory, self._geometry, options.non_overlapping)
        decoder = ClickDecoder(network, options.behaviour.answers_click_by_click, options.stability_fallback)
        self._video = OpenVideo(network, source, self._features, self._geometry, self._memory, decoder, self._behaviour)
        self._tracker = open_tracker(self._video)
        self._frames_with_tensors = options.tracked_bytes_per_object // bytes_per_frame(network.config)
        self._objects_at_once = objects_at_once(network.config, self._device)
        self._banks: dict[str, MemoryBank] = {}

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        """Apply the complete prompt set of a frame, replacing earlier ones; the frame becomes conditioning."""
        return completed(self.prompting(object_id, frame_index, prompt))

    def prompting(self, object_id: str, frame_index: int, prompt: FramePrompt) -> Steps[FrameResult]:
        """As `prompt`, in steps: encoding the frame, then about one per click."""
        require_frame(self._source, frame_index)
        if prompt.mask is not None and self._behaviour.returns_given_masks:
            self._geometry.check(prompt.mask)
        alone = prompt.mask is None and not prompt.memory
        ask = self._prompting_alone if alone else self._prompting
        return self._in_inference(ask(object_id, frame_index, prompt))

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        """Forget the object's prompt and memory on this frame."""
        bank = self._banks.get(object_id, MemoryBank())
        if self._behaviour.forgets_cleared_frames:
            bank.forget(frame_index)
        elif frame_index in bank.frames:
            bank.demote(frame_index)
            bank.frames[frame_index].direction = None

    def track(self, object_id: str, frame_index: int, direction: Direction) -> FrameResult:
        """Track the object to the next frame; a conditioning frame returns the answer to its prompt.

        Raises ValueError when the object has no conditioning frame.
        """
        return self.track_together([object_id], frame_index, direction)[0]

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        """Track several objects to a frame, in one pass; results in the order given.

        On a CPU the result for an object is the same to the bit as when it is tracked alone; on a GPU nearly so.
        Raises ValueError, before anything is tracked, when one of them has no conditioning frame.
        """
        banks = {object_id: self._tracked_bank(object_id) for object_id in object_ids}
        with self._inference():
            moving: list[MemoryBank] = []
            for bank in banks.values():
                if frame_index in bank.frames and bank.frames[frame_index].is_conditioning:
                    self._visit(bank, frame_index, direction)
                else:
                    moving.append(bank)
            for first in range(0, len(moving), self._objects_at_once):
                self._carry(moving[first : first + self._objects_at_once], frame_index, direction)
            return self._results(
                frame_index, {object_id: bank.frames[frame_index] for object_id, bank in banks.items()}
            )

    @property
    def cuts_overlaps(self) -> bool:
        """Whether a mask depends on the other objects in the same answer."""
        return self._options.non_overlapping

    def answers(self, frame_index: int) -> list[FrameResult]:
        """The stored answers for all objects remembered on a frame; computes nothing new."""
        with self._inference():
            known = {name: bank.frames[frame_index] for name, bank in self._banks.items() if frame_index in bank.frames}
            return self._results(frame_index, known)

    def search(self, frame_index: int, options: AutomaticOptions) -> AutomaticSearch:
        """Begin a stepwise search for masks of everything on a frame; no object is changed."""
        images = ImageSegmenter(self._network, ImageOptions(self._options.stability_fallback, self._options.autocast))
        return AutomaticSearch(images, self._source.rgb(frame_index), options)

    def seed(self, object_id: str, stored: StoredFrame) -> None:
        """Remember a stored mask as if this session had made it; its memory is encoded on first use.

        Raises ValueError when the mask does not have the size of the video.
        """
        self._geometry.check(stored.mask)
        frame = RememberedFrame(
            # Its prompts started from nothing, so they are all there is to the frame: as if prompted in this session.
            origin="prompted" if stored.answers_prompts and stored.base is None else "seeded",
            object_score=stored.object_score,
            predicted_iou=1.0,
            is_conditioning=stored.conditioning,
            mask=stored.mask,
        )
        if stored.base is not None:
            self._geometry.check(stored.base)
            frame.base_mask = stored.base
        self._banks.setdefault(object_id, MemoryBank()).remember(stored.frame_index, frame)

    def forget_object(self, object_id: str) -> None:
        """Forget the object; unknown objects are ignored."""
        self._banks.pop(object_id, None)

    def warm(self, frame_index: int) -> None:
        """Encode and cache a frame's features ahead of use."""
        with self._inference():
            self._tracker.warm(frame_index)

    def drop_caches(self) -> None:
        """Free what can be recomputed: encoded frames and the caches of the tracker."""
        self._features.clear()
        self._tracker.drop_caches()

    def memory_bytes(self) -> int:
        """Bytes held by encoded frames and memories."""
        cached = self._features.num_bytes() + self._tracker.cached_bytes()
        return cached + sum(bank.num_bytes() for bank in self._banks.values())

    def _tracked_bank(self, object_id: str) -> MemoryBank:
        bank = self._banks.get(object_id, MemoryBank())
        if not bank.conditioning:
            raise ValueError(f"object {object_id!r} has no prompted frame to be tracked from")
        return bank

    def _visit(self, bank: MemoryBank, frame_index: int, direction: Direction) -> None:
        """Note that propagation passes a conditioning frame."""
        frame = bank.frames[frame_index]
        if not self._behaviour.corrections_condition:
            frame.direction = direction
            frame.passing_logits = None
        if self._behaviour.clears_around_prompts:
            bank.clear_around(frame_index, self._options.rules.reach)

    def _carry(self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction) -> None:
        """Track B objects on one frame."""
        frames = self._tracker.propagate(banks, frame_index, direction)
        for bank, frame in zip(banks, frames, strict=True):
            bank.remember(frame_index, frame)
            if self._options.fill_holes_up_to:
                self._memory.encode([(frame_index, frame)])  # from the raw logits, not from the filled mask
                self._fill_holes(frame)
            bank.shed(frame_index, self._options.rules.reach, self._frames_with_tensors)

    def _given(self, frame_index: int, prompt: FramePrompt) -> PromptAnswer:
        """Answer a mask prompt with the mask itself."""
        mask = prompt.mask
        assert mask is not None, "a prompt of this kind is a mask"
        adopted = self._tracker.adopted(frame_index, mask)
        return PromptAnswer(adopted, PackedMask.pack(mask) if self._behaviour.returns_given_masks else None)

    def _prompting(self, object_id: str, frame_index: int, prompt: FramePrompt) -> Steps[FrameResult]:
        bank = self._banks.get(object_id, MemoryBank())
        direction = bank.direction_of_prompt(frame_index)
        base = self._base(bank.frames.get(frame_index))
        match prompt.kind:
            case "points":
                answer = yield from self._tracker.answering(bank, frame_index, prompt, direction, base)
            case "mask":
                answer = self._given(frame_index, prompt)
            case _ as other:
                assert_never(other)
        frame = answered_frame(answer, direction)
        self._fill_holes(frame)
        if prompt.mask is None:
            frame.base = base
        elif frame.logits is not None:
            frame.base = Base(frame.logits, frame.mask)
        # Only now: a prompt that failed must leave no trace.
        self._keep(self._banks.setdefault(object_id, bank), frame_index, frame)
        return self._results(frame_index, {object_id: frame})[0]

    def _prompting_alone(self, object_id: str, frame_index: int, prompt: FramePrompt) -> Steps[FrameResult]:
        """Answer from the image alone, then remember the resulting mask as if it had been given."""
        answer = yield from self._tracker.answering(MemoryBank(), frame_index, prompt, None, None)
        answered = answered_frame(answer, None)
        self._fill_holes(answered)
        result = self._results(frame_index, {object_id: answered})[0]
        yield from self._prompting(object_id, frame_index, FramePrompt(mask=result.mask))
        return result

    def _keep(self, bank: MemoryBank, frame_index: int, frame: RememberedFrame) -> None:
        """Store the answer to a prompt."""
        before = bank.frames.get(frame_index)
        was_conditioning = before is not None and before.is_conditioning
        if before and was_conditioning and frame.direction and not self._behaviour.corrections_condition:
            before.passing_logits = frame.logits
            return
        frame.is_conditioning = self._behaviour.corrections_condition or frame.direction is None or was_conditioning
        bank.remember(frame_index, frame)

    def _base(self, before: RememberedFrame | None) -> Base | None:
        """What clicks on this frame refine, its logits within +-32; None if they start from nothing."""
        if before is None:
            return None
        if self._behaviour.answers_click_by_click:
            if before.origin == "prompted":
                return before.base
            if before.base_mask is not None:
                return Base(self._memory.drawn_logits(before.base_mask), before.base_mask)
        logits = before.passing_logits if before.passing_logits is not None else self._memory.logits(before)
        # The mask of logits that were shed has their size and no more detail.
        has_detail = before.mask is not None and before.mask.shape == (self._source.height, self._source.width)
        return Base(logits.clamp(-LOGIT_LIMIT, LOGIT_LIMIT), before.mask if has_detail else None)

    def _fill_holes(self, frame: RememberedFrame) -> None:
        if self._options.fill_holes_up_to and frame.logits is not None:
            frame.logits = filled(frame.logits, self._options.fill_holes_up_to)

    def _in_inference(self, steps: Steps[T]) -> Steps[T]:
        """The same steps, each by itself in inference mode: other work between them may need another one."""
        while True:
            with self._inference():
                try:
                    next(steps)
                except StopIteration as end:
                    return end.value
            yield

    def _results(self, frame_index: int, frames: dict[str, RememberedFrame]) -> list[FrameResult]:
        return self._result_maker.results(frame_index, frames)

    @contextmanager
    def _inference(self) -> Generator[None]:
        dtype = self._options.autocast
        with torch.inference_mode(), torch.autocast(self._device.type, dtype, enabled=dtype is not None):
            yield
