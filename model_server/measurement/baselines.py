"""What tracking must beat: the same first mask, carried without a video model.

Masks are (H, W) bool, points x, y in pixels of the video.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model_server.evaluation.vos import box_around
from model_server.footage.flow import Flow, carry, dense_flow
from model_server.segmenter import Box, Click, FramePrompt, FrameSource, VideoSegmenter

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Step:
    """From one frame to the next; flow takes longer than anything else here, so only what is asked for is computed."""

    frame_index: int
    before: NDArray[np.uint8]
    now: NDArray[np.uint8]

    @cached_property
    def forward(self) -> Flow:
        """(H, W, 2): where a pixel of the frame before went."""
        return dense_flow(self.before, self.now)

    @cached_property
    def backward(self) -> Flow:
        """(H, W, 2): where a pixel of this frame came from."""
        return dense_flow(self.now, self.before)


def warped_by_flow(source: FrameSource, start: int, first: Mask, wanted: Collection[int]) -> dict[int, Mask]:
    """The first mask moved along from frame to frame; masks of the wanted frames from `start` on."""
    masks = {start: first}
    soft = first.astype(np.float32)
    for step in _steps(source, start, max(wanted)):
        soft = _pulled(soft, step.backward)
        if step.frame_index in wanted:
            masks[step.frame_index] = soft > 0.5
    return masks


def image_masks_by_flow(
    model: VideoSegmenter, source: FrameSource, start: int, prompt: FramePrompt, wanted: Collection[int]
) -> dict[int, Mask]:
    """Segment every wanted frame as an image of its own, its prompts moved along by the flow.

    A mask prompt is carried as the box around the moved mask.
    """
    session = model.open(source)
    masks = {start: session.prompt("start", start, prompt).mask}
    carried = _Carried.of(prompt)
    for step in _steps(source, start, max(wanted)):
        carried = carried.moved(step)
        if step.frame_index in wanted:
            moved = carried.prompt()
            if moved is None:
                masks[step.frame_index] = np.zeros_like(masks[start])
            else:
                masks[step.frame_index] = session.prompt("image", step.frame_index, moved).mask
                session.forget_object("image")
    return masks


@dataclass(frozen=True, slots=True)
class _Carried:
    """A prompt on its way."""

    clicks: tuple[Click, ...]
    box: Box | None
    soft: NDArray[np.float32] | None

    @classmethod
    def of(cls, prompt: FramePrompt) -> _Carried:
        soft = None if prompt.mask is None else prompt.mask.astype(np.float32)
        return cls(prompt.clicks, prompt.box, soft)

    def moved(self, step: _Step) -> _Carried:
        clicks = tuple(replace(click, **_followed(click.x, click.y, step.forward)) for click in self.clicks)
        soft = None if self.soft is None else _pulled(self.soft, step.backward)
        return _Carried(clicks, None if self.box is None else _moved_box(self.box, step.forward), soft)

    def prompt(self) -> FramePrompt | None:
        """What to ask now; None when nothing of a carried mask is left."""
        if self.soft is not None:
            mask = self.soft > 0.5
            return FramePrompt(box=box_around(mask)) if mask.any() else None
        return FramePrompt(clicks=self.clicks, box=self.box)


def _steps(source: FrameSource, start: int, last: int) -> Iterator[_Step]:
    before = source.rgb(start)
    for frame_index in range(start + 1, last + 1):
        now = source.rgb(frame_index)
        yield _Step(frame_index, before, now)
        before = now


def _pulled(soft: NDArray[np.float32], backward: Flow) -> NDArray[np.float32]:
    """Kept soft between frames, or slow motion would round to none."""
    return carry(soft, backward, between_pixels=True)


def _followed(x: float, y: float, forward: Flow) -> dict[str, float]:
    height, width = forward.shape[:2]
    dx, dy = forward[min(max(round(y), 0), height - 1), min(max(round(x), 0), width - 1)]
    return {"x": float(np.clip(x + dx, 0, width - 1)), "y": float(np.clip(y + dy, 0, height - 1))}


def _moved_box(box: Box, forward: Flow) -> Box:
    """Moved by the median motion of what is in it."""
    inside = forward[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1].reshape(-1, 2)
    dx, dy = (float(value) for value in np.median(inside, axis=0)) if len(inside) else (0.0, 0.0)
    height, width = forward.shape[:2]
    x0, x1 = np.clip([box.x0 + dx, box.x1 + dx], 0, width - 1)
    y0, y1 = np.clip([box.y0 + dy, box.y1 + dy], 0, height - 1)
    return Box(float(x0), float(y0), float(x1), float(y1))
