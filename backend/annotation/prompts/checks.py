"""Checks of a prompt set before it is stored: on an existing frame, inside the video, and allowed in the phase."""

from typing import assert_never

from backend.annotation.record.problems import EmptyPrompts, PointOutsideVideo
from backend.annotation.record.schemas import Prompt, PromptSetWrite
from backend.annotation.record.video_bounds import check_frame, frame_size
from backend.phases.rules import Tool, require_tool
from backend.tables import Video
from backend.tables.states import Phase
from model_server.contract.prompts import BoxPrompt, ClickPrompt


def check_prompts(video: Video, phase: Phase, frame_index: int, body: PromptSetWrite) -> None:
    """Check a prompt set against the video and the masklet's phase.

    Raises:
        FrameOutOfRange: the video has no such frame.
        EmptyPrompts: there is neither a click nor a box.
        PointOutsideVideo: a click or a corner lies outside the video.
        PhaseForbids: the phase has no such tool.
    """
    check_frame(video, frame_index)
    prompts = body.prompts()
    if not prompts:
        raise EmptyPrompts("Give a click or a box, or clear the frame.")
    height, width = frame_size(video)
    for prompt in prompts:
        for x, y in _points(prompt):
            if not (0 <= x <= width and 0 <= y <= height):
                raise PointOutsideVideo(f"({x:g}, {y:g}) is not in a video of {width} x {height} pixels.")
    for tool in dict.fromkeys(_tool(prompt) for prompt in prompts):
        require_tool(phase, tool)


def _points(prompt: Prompt) -> list[tuple[float, float]]:
    """(x, y) of every point, in pixels of the video of record."""
    match prompt:
        case ClickPrompt(x=x, y=y):
            return [(x, y)]
        case BoxPrompt(x0=x0, y0=y0, x1=x1, y1=y1):
            return [(x0, y0), (x1, y1)]
        case _:
            assert_never(prompt)


def _tool(prompt: Prompt) -> Tool:
    match prompt:
        case ClickPrompt():
            return Tool.point
        case BoxPrompt():
            return Tool.box
        case _:
            assert_never(prompt)
