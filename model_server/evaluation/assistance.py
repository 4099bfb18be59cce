"""What helps a simulated annotator between clicks: one class for each phase of the data engine (SAM 2 section 5.1).

All work on one object of one video and see its truth only through the clicks it leads to. Masks are (H, W) bool in
pixels of the video.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.clicks import first_click, next_click
from model_server.segmenter import Click, FramePrompt, FrameSource, TrackingSession, VideoSegmenter

Mask = NDArray[np.bool_]
CLICKS_PER_VISIT = 3
"""How often the annotator clicks on a frame before moving on (SAM 2 appendix F.1.2)."""
_OBJECT = "object"


class Assistance(Protocol):
    """Answers clicks on single frames, and says what the other frames show meanwhile."""

    def correct(self, frame_index: int, truth: Mask) -> int:
        """Click on a frame where its mask is wrong, up to `CLICKS_PER_VISIT` times; how many clicks it took."""
        ...

    def carry(self, frame_index: int) -> Mask:
        """The object on a frame, in a pass forward over the frames behind the first corrected one."""
        ...


class Sam2:
    """Phase 3: clicks are refined with memory, and every prompted frame is remembered."""

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
    """Phase 1: a frame's clicks are answered from its image alone, and nothing is carried.

    A frame nobody has worked on repeats the mask of the nearest one somebody has: the charitable reading of a tool
    without propagation, since leaving it empty would only measure how few frames were visited.
    """

    def __init__(self, model: VideoSegmenter, source: FrameSource) -> None:
        self._session = model.open(source)
        self._shape = (source.height, source.width)
        self._clicks: dict[int, tuple[Click, ...]] = {}
        self._masks: dict[int, Mask] = {}

    def correct(self, frame_index: int, truth: Mask) -> int:
        before = self._clicks.get(frame_index, ())
        if not truth.any():  # nothing to click on: the annotator says so
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
    """Phase 2: masks are made as in phase 1 and carried by mask prompts; a correction is a new mask."""

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
    "sam2": Sam2,
}
"""By the name of the phase."""


def _click(
    session: TrackingSession,
    object_id: str,
    frame_index: int,
    truth: Mask,
    clicks: tuple[Click, ...],
    mask: Mask | None,
) -> tuple[tuple[Click, ...], Mask | None]:
    """Click where the mask is wrong, each time on the answer to the click before; all clicks, the last answer."""
    for _ in range(CLICKS_PER_VISIT):
        click = first_click(truth) if mask is None else next_click(truth, mask)
        if click is None:
            break
        clicks = (*clicks, click)
        mask = session.prompt(object_id, frame_index, FramePrompt(clicks=clicks)).mask
    return clicks, mask
