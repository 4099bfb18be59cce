"""The window of a frame around a prompt, which the closer look encodes by itself.

Pixel space: that of the video, (H, W).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model_server.segmenter import Box, Click, FramePrompt, Mask

Number = TypeVar("Number", bound=np.generic)

AROUND_MASK, AROUND_BOX = 2.0, 1.5
"""Side of a window, relative to the longer side of the mask or box it surrounds."""
LEAST_SHARE = 0.2
"""Smallest side of a window, relative to the longer side of the frame, so that it shows some context."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a frame, in pixels of the video."""

    top: int
    left: int
    height: int
    width: int

    @classmethod
    def whole(cls, height: int, width: int) -> Window:
        """The whole frame."""
        return cls(0, 0, height, width)

    @classmethod
    def around(cls, prompt: FramePrompt, mask: Mask | None, height: int, width: int) -> Window:
        """A square, clipped to the frame, around all clicks, the box and the (H, W) mask so far, if any."""
        xs, ys = [click.x for click in prompt.clicks], [click.y for click in prompt.clicks]
        if prompt.box is not None:
            xs += [prompt.box.x0, prompt.box.x1 - 1]
            ys += [prompt.box.y0, prompt.box.y1 - 1]
        if mask is not None and mask.any():
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            xs += [columns[0], columns[-1]]
            ys += [rows[0], rows[-1]]
        longer = max(max(xs) - min(xs), max(ys) - min(ys)) + 1
        side = max(longer * (AROUND_BOX if prompt.box is not None else AROUND_MASK), LEAST_SHARE * max(height, width))
        top, rows_high = _placed((min(ys) + max(ys) + 1) / 2, side, height)
        left, columns_wide = _placed((min(xs) + max(xs) + 1) / 2, side, width)
        return cls(top, left, rows_high, columns_wide)

    def of(self, pixels: NDArray[Number]) -> NDArray[Number]:
        """(H, W, ...) pixels -> those of the window, a view."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]

    def back(self, mask: Mask, height: int, width: int) -> Mask:
        """A mask of the window -> the (height, width) mask of the frame, empty elsewhere."""
        whole = np.zeros((height, width), np.bool_)
        self.of(whole)[...] = mask
        return whole

    def seen(self, prompt: FramePrompt) -> FramePrompt:
        """The same clicks and box, in pixels of the window."""
        clicks = tuple(Click(click.x - self.left, click.y - self.top, click.positive) for click in prompt.clicks)
        box = prompt.box
        if box is not None:
            box = Box(box.x0 - self.left, box.y0 - self.top, box.x1 - self.left, box.y1 - self.top)
        return replace(prompt, clicks=clicks, box=box)


def _placed(centre: float, side: float, room: int) -> tuple[int, int]:
    """(start, length) of an interval of whole pixels around `centre`, moved and shortened to fit in 0..room."""
    length = min(max(int(side), 1), room)
    return min(max(round(centre - length / 2), 0), room - length), length
