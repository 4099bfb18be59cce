"""The masks an object was restored with, handed to the model when work comes near them.

Restoring comes before the first click after a brush stroke, an undo or a cancelled run, so it must not take longer
the longer the video is: drawing a mask from its run lengths takes a millisecond.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model_server.contract.masks import EncodedMask
from model_server.mask_search import AutomaticOptions, MaskSearch
from model_server.segmenter import Direction, FramePrompt, FrameResult, FrameSource, StoredFrame, TrackingSession
from model_server.serving.conversion import decoded_mask

REACH = 64
"""Frames to either side; farther than a model remembers when it tracks a frame (SAM 2: 15 frames)."""


@dataclass(frozen=True, slots=True)
class StoredMask:
    """A mask from the backend's storage; see `ConditioningSeed` for the last two."""

    frame_index: int
    mask: EncodedMask
    object_score: float
    conditioning: bool
    answers_prompts: bool = False
    base: EncodedMask | None = None


class RecallingSession:
    """A tracking session that seeds stored masks when they come into reach. Conditioning ones always are."""

    def __init__(self, tracking: TrackingSession, source: FrameSource) -> None:
        self._tracking = tracking
        self._source = source
        self._waiting: dict[str, dict[int, StoredMask]] = {}

    def remember(self, object_id: str, masks: Iterable[StoredMask]) -> None:
        """Take the masks, valid ones of the video's size, as the object's history."""
        waiting = self._waiting.setdefault(object_id, {})
        for stored in masks:
            if stored.conditioning:
                self._seed(object_id, stored)
            else:
                waiting[stored.frame_index] = stored

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        """As the model's, with the stored masks around."""
        self._recall(object_id, frame_index)
        return self._tracking.prompt(object_id, frame_index, prompt)

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        """As the model's, with the stored masks around."""
        for object_id in object_ids:
            self._recall(object_id, frame_index)
        return self._tracking.track_together(object_ids, frame_index, direction)

    def search(self, frame_index: int, options: AutomaticOptions) -> MaskSearch:
        """As the model's."""
        return self._tracking.search(frame_index, options)

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        """Forget the frame, also where it is only stored."""
        self._waiting.get(object_id, {}).pop(frame_index, None)
        self._tracking.clear_frame(object_id, frame_index)

    def forget_object(self, object_id: str) -> None:
        """Drop the object with its stored masks."""
        self._waiting.pop(object_id, None)
        self._tracking.forget_object(object_id)

    def warm(self, frame_index: int) -> None:
        """As the model's."""
        self._tracking.warm(frame_index)

    def drop_caches(self) -> None:
        """As the model's."""
        self._tracking.drop_caches()

    def memory_bytes(self) -> int:
        """The model's, and the run lengths that wait."""
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
            mask=decoded_mask(stored.mask, self._source),
            object_score=stored.object_score,
            conditioning=stored.conditioning,
            answers_prompts=stored.answers_prompts,
            base=None if stored.base is None else decoded_mask(stored.base, self._source),
        )
        self._tracking.seed(object_id, frame)
