"""The masks that an object was restored with, seeded into the model only when work comes near them.

A restore precedes the first click after a brush stroke, an undo or a cancelled run, so its time must not grow with the
length of the video: a model that is given a mask may look at it, and the ten thousandth is given when it is wanted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model_server.contract.masks import EncodedMask
from model_server.mask_search import AutomaticOptions, MaskSearch
from model_server.segmenter import (
    Direction,
    FramePrompt,
    FrameResult,
    Steps,
    StepwiseSession,
    StoredFrame,
    TrackingSession,
)
from model_server.serving.conversion import packed

REACH = 64
"""Frames to either side; more than a model looks back when it tracks a frame (SAM 2: 15 frames)."""


@dataclass(frozen=True, slots=True)
class StoredMask:
    """A mask that the backend had stored; see `ConditioningSeed` for the last two fields."""

    frame_index: int
    mask: EncodedMask
    object_score: float
    conditioning: bool
    answers_prompts: bool = False
    base: EncodedMask | None = None


class RecallingSession:
    """A tracking session that seeds stored masks once they are in reach. Conditioning frames always are."""

    def __init__(self, tracking: TrackingSession) -> None:
        self._tracking = tracking
        self._waiting: dict[str, dict[int, StoredMask]] = {}

    def remember(self, object_id: str, masks: Iterable[StoredMask]) -> None:
        """Add masks to the object's history. They must be valid and of the video's size."""
        waiting = self._waiting.setdefault(object_id, {})
        for stored in masks:
            if stored.conditioning:
                self._seed(object_id, stored)
            else:
                waiting[stored.frame_index] = stored

    def prompting(self, object_id: str, frame_index: int, prompt: FramePrompt) -> Steps[FrameResult]:
        """As the model's, after seeding the stored masks nearby; in one step if the model has none."""
        self._recall(object_id, frame_index)
        if isinstance(self._tracking, StepwiseSession):
            return (yield from self._tracking.prompting(object_id, frame_index, prompt))
        return self._tracking.prompt(object_id, frame_index, prompt)

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        """As the model's, after seeding the stored masks nearby."""
        for object_id in object_ids:
            self._recall(object_id, frame_index)
        return self._tracking.track_together(object_ids, frame_index, direction)

    def search(self, frame_index: int, options: AutomaticOptions) -> MaskSearch:
        """As the model's."""
        return self._tracking.search(frame_index, options)

    def forget_object(self, object_id: str) -> None:
        """Forget the object and its stored masks."""
        self._waiting.pop(object_id, None)
        self._tracking.forget_object(object_id)

    def warm(self, frame_index: int) -> None:
        """As the model's."""
        self._tracking.warm(frame_index)

    def drop_caches(self) -> None:
        """As the model's."""
        self._tracking.drop_caches()

    def memory_bytes(self) -> int:
        """The model's, plus the run lengths not yet seeded."""
        waiting = sum(len(stored.mask.counts) for masks in self._waiting.values() for stored in masks.values())
        return self._tracking.memory_bytes() + waiting

    def _recall(self, object_id: str, frame_index: int) -> None:
        waiting = self._waiting.get(object_id)
        if not waiting:
            return
        for near in range(frame_index - REACH, frame_index + REACH + 1):
            stored = waiting.pop(near, None)
            if stored is not None:
                self._seed(object_id, stored)

    def _seed(self, object_id: str, stored: StoredMask) -> None:
        frame = StoredFrame(
            frame_index=stored.frame_index,
            mask=packed(stored.mask),
            object_score=stored.object_score,
            conditioning=stored.conditioning,
            answers_prompts=stored.answers_prompts,
            base=None if stored.base is None else packed(stored.base),
        )
        self._tracking.seed(object_id, frame)
