"""Whether a prompt fits the video it is made on: shared by the server, which answers with a problem, and the command.

A prompt type to come states here which points it names and which size it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model_server.segmenter import Box, Click, FramePrompt, FrameSource

Point = tuple[float, float]


def stray_point(prompt: FramePrompt, video: FrameSource) -> Point | None:
    """The first point (x, y) of the prompt that lies outside the frame, in pixels of the video; None if all fit.

    The frame's right and bottom edges count as inside: x may be the width and y the height.
    """
    for x, y in _points(prompt.clicks, prompt.box):
        if not (0 <= x <= video.width and 0 <= y <= video.height):
            return x, y
    return None


def misfit_mask(prompt: FramePrompt, video: FrameSource) -> tuple[int, int] | None:
    """The (height, width) of the prompt's mask if it is not the video's; None if it is, or if there is no mask."""
    if prompt.mask is None or prompt.mask.shape == (video.height, video.width):
        return None
    height, width = prompt.mask.shape
    return height, width


def _points(clicks: Iterable[Click], box: Box | None) -> Iterator[Point]:
    for click in clicks:
        yield click.x, click.y
    if box is not None:
        yield box.x0, box.y0
        yield box.x1, box.y1
