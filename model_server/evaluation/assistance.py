"""Model assistance for a simulated annotator: one class per phase of the data engine (SAM 2, section 5.1).

Each works on one object of one video, and learns of its ground truth only through clicks. Masks are (H, W) bool of the
video's size; frames are 0-based indices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from model_server.evaluation.clicks import first_click, next_click
from model_server.segmenter import Click, FramePrompt, FrameSource, Mask, TrackingSession, VideoSegmenter

CLICKS_PER_VISIT = 3
"""How many clicks the annotator makes on a frame before moving on (SAM 2, appendix F.1.2)."""
_OBJECT = "object"


class Assistance(Protocol):
    """Answers clicks on single frames, and gives the current masks of the others."""

    def correct(self, frame_index: int, truth: Mask) -> int:
        """Click up to `CLICKS_PER_VISIT` times where the frame's mask is wrong; the number of clicks made."""
        ...

    def carry(self, frame_index: int) -> Mask:
        """The object's mask on a frame, asked for frame by frame from the first corrected one onward."""
        ...


class Sam2Assistance:
    """Phase 3, SAM 2: clicks refine masks with memory, and every prompted frame is remembered."""

    def __init__(self, model: VideoSegmenter, source: FrameSource) -> None:
        self._session = model.open(source)
        self._clicks: dict[int, tuple[Click, ...]] = {}
        self._shown: dict[int, Mask] = {}

    def correct(self, frame_index: int, truth: Mask) -> int:
        before = self._clicks.get(frame_index, ())
        clicks, mask = _click(self._session, _OBJECT, frame_index, truth, before, self._shown.get(frame_index))
        self._clicks[frame_index] = clicks
        if mask is not None:
            self._shown[frame_index] = mask
        return len(clicks) - len(before)

    def carry(self, frame_index: int) -> Mask:
        mask = self._session.track(_OBJECT, frame_index, "forward").mask
        self._shown[frame_index] = mask
        return mask


class SamPerFrame:
    """Phase 1, SAM per frame: clicks are answered from the frame's image alone, and nothing is propagated.

    A frame that was not annotated repeats the mask of the nearest one that was. This favours a tool without
    propagation, but leaving the frame empty would only measure how few frames were visited.
    """

    def __init__(self, model: VideoSegmenter, source: FrameSource) -> None:
        self._session = model.open(source)
        self._shape = (source.height, source.width)
        self._clicks: dict[int, tuple[Click, ...]] = {}
        self._masks: dict[int, Mask] = {}

    def correct(self, frame_index: int, truth: Mask) -> int:
        before = self._clicks.get(frame_index, ())
        if not truth.any():  # nothing to click on: the annotator marks the object as absent
            self._masks[frame_index] = np.zeros(self._shape, bool)
            return 0
        on_its_own = f"frame {frame_index}"
        clicks, mask = _click(self._session, on_its_own, frame_index, truth, before, self._masks.get(frame_index))
        self._session.forget_object(on_its_own)
        self._clicks[frame_index] = clicks
        if mask is not None:
            self._masks[frame_index] = mask
        return len(clicks) - len(before)

    def carry(self, frame_index: int) -> Mask:
        nearest = min(self._masks, key=lambda worked: (abs(worked - frame_index), worked))
        return self._masks[nearest]


class SamPlusSam2Mask:
    """Phase 2, SAM + SAM 2 Mask: masks made as in phase 1 become mask prompts; a correction is a new mask."""

    def __init__(self, model: VideoSegmenter, source: FrameSource) -> None:
        self._images = SamPerFrame(model, source)
        self._session = model.open(source)

    def correct(self, frame_index: int, truth: Mask) -> int:
        num_clicks = self._images.correct(frame_index, truth)
        self._session.prompt(_OBJECT, frame_index, FramePrompt(mask=self._images.carry(frame_index)))
        return num_clicks

    def carry(self, frame_index: int) -> Mask:
        return self._session.track(_OBJECT, frame_index, "forward").mask


ASSISTANCE: dict[str, Callable[[VideoSegmenter, FrameSource], Assistance]] = {
    "sam_per_frame": SamPerFrame,
    "sam_plus_sam2_mask": SamPlusSam2Mask,
    "sam2": Sam2Assistance,
}
"""By the name of the phase, as on the command line."""


def _click(
    session: TrackingSession,
    object_id: str,
    frame_index: int,
    truth: Mask,
    clicks: tuple[Click, ...],
    mask: Mask | None,
) -> tuple[tuple[Click, ...], Mask | None]:
    """Click where the mask is wrong, each click responding to the previous answer; all clicks and the last answer."""
    for _ in range(CLICKS_PER_VISIT):
        click = first_click(truth) if mask is None else next_click(truth, mask)
        if click is None:
            break
        clicks = (*clicks, click)
        mask = session.prompt(object_id, frame_index, FramePrompt(clicks=clicks)).mask
    return clicks, mask
