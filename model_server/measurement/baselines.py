"""Baselines that tracking must beat: the same first mask, propagated without a video model.

Masks are (H, W) bool of the video's size, points (x, y) in pixels of the video, frames 0-based indices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.vos import box_around
from model_server.footage.flow import Flow, carry, dense_flow
from model_server.segmenter import Box, FramePrompt, FrameSource, Mask, VideoSegmenter


@dataclass(frozen=True)
class _FramePair:
    """Two consecutive frames. Flow takes longer than anything else here, so only what is needed is computed."""

    frame_index: int
    before: NDArray[np.uint8]
    now: NDArray[np.uint8]

    @cached_property
    def forward(self) -> Flow:
        """(H, W, 2) pixels: the motion of each pixel of the earlier frame."""
        return dense_flow(self.before, self.now)

    @cached_property
    def backward(self) -> Flow:
        """(H, W, 2) pixels: the displacement of each pixel of this frame back to the earlier one."""
        return dense_flow(self.now, self.before)


def warped_by_flow(source: FrameSource, start: int, first: Mask, wanted: Collection[int]) -> dict[int, Mask]:
    """The first mask warped by optical flow from frame to frame; masks of `start` and the wanted frames after it."""
    masks = {start: first}
    soft = first.astype(np.float32)
    for pair in _pairs(source, start, max(wanted)):
        soft = _warped(soft, pair.backward)
        if pair.frame_index in wanted:
            masks[pair.frame_index] = soft > 0.5
    return masks


def image_masks_by_flow(
    model: VideoSegmenter, source: FrameSource, start: int, prompt: FramePrompt, wanted: Collection[int]
) -> dict[int, Mask]:
    """Segment every wanted frame as a single image, with the prompt moved by optical flow.

    A mask prompt is replaced by the box around the warped mask. Where nothing is left of it, the mask is empty.
    """
    session = model.open(source)
    masks = {start: session.prompt("start", start, prompt).mask}
    moving = _MovingPrompt.of(prompt)
    for pair in _pairs(source, start, max(wanted)):
        moving = moving.moved(pair)
        if pair.frame_index in wanted:
            moved = moving.now()
            if moved is None:
                masks[pair.frame_index] = np.zeros_like(masks[start])
            else:
                masks[pair.frame_index] = session.prompt("image", pair.frame_index, moved).mask
                session.forget_object("image")
    return masks


@dataclass(frozen=True, slots=True)
class _MovingPrompt:
    """A prompt moved from frame to frame; `soft` is its mask, kept soft in between."""

    prompt: FramePrompt
    soft: NDArray[np.float32] | None

    @classmethod
    def of(cls, prompt: FramePrompt) -> _MovingPrompt:
        return cls(prompt, None if prompt.mask is None else prompt.mask.astype(np.float32))

    def moved(self, pair: _FramePair) -> _MovingPrompt:
        if self.soft is not None:
            return replace(self, soft=_warped(self.soft, pair.backward))
        box = self.prompt.box
        clicks = tuple(replace(click, **_moved_point(click.x, click.y, pair.forward)) for click in self.prompt.clicks)
        box = None if box is None else _moved_box(box, pair.forward)
        return replace(self, prompt=replace(self.prompt, clicks=clicks, box=box))

    def now(self) -> FramePrompt | None:
        """The prompt for the current frame; None if nothing is left of a warped mask."""
        if self.soft is None:
            return self.prompt
        mask = self.soft > 0.5
        return replace(self.prompt, mask=None, box=box_around(mask)) if mask.any() else None


def _pairs(source: FrameSource, start: int, last: int) -> Iterator[_FramePair]:
    before = source.rgb(start)
    for frame_index in range(start + 1, last + 1):
        now = source.rgb(frame_index)
        yield _FramePair(frame_index, before, now)
        before = now


def _warped(soft: NDArray[np.float32], backward: Flow) -> NDArray[np.float32]:
    """Warped with interpolation: rounding on every frame would stop slow motion."""
    return carry(soft, backward, between_pixels=True)


def _moved_point(x: float, y: float, forward: Flow) -> dict[str, float]:
    height, width = forward.shape[:2]
    dx, dy = forward[min(max(round(y), 0), height - 1), min(max(round(x), 0), width - 1)]
    return {"x": float(np.clip(x + dx, 0, width - 1)), "y": float(np.clip(y + dy, 0, height - 1))}


def _moved_box(box: Box, forward: Flow) -> Box:
    """The box moved by the median motion inside it, clipped to the frame."""
    inside = forward[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1].reshape(-1, 2)
    dx, dy = (float(value) for value in np.median(inside, axis=0)) if len(inside) else (0.0, 0.0)
    height, width = forward.shape[:2]
    x0, x1 = np.clip([box.x0 + dx, box.x1 + dx], 0, width - 1)
    y0, y1 = np.clip([box.y0 + dy, box.y1 + dy], 0, height - 1)
    return Box(float(x0), float(y0), float(x1), float(y1))
