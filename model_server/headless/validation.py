"""Checks that stored prompts fit a video, before anything slow begins."""

from __future__ import annotations

from typing import assert_never

from model_server.headless.history import History
from model_server.headless.prompt_file import PromptFileError, StoredPrompts
from model_server.headless.steps import Clear, Prompt, Propagate, Remove, Step
from model_server.prompt_bounds import misfit_mask, stray_point
from model_server.segmenter import FramePrompt, FrameSource


def count_answers(stored: StoredPrompts, video: FrameSource, *, keeps_reference_rules: bool) -> int:
    """The number of results the steps will produce. PromptFileError names every step that does not fit the video."""
    history = History(video.num_frames, keeps_reference_rules)
    faults: list[str] = []
    count = 0
    for index, form in enumerate(stored.file.steps):
        try:
            step = form.step(stored.folder)
            check(step, video, history)
        except ValueError as fault:
            faults.append(f"{stored.label(index)}: {fault}")
            continue
        history.note(step)
        count += _num_answers(step, history)
    if not (stored.file.steps or faults):
        faults.append("there is no step in the file")
    if faults:
        raise PromptFileError("\n".join(faults))
    return count + sum(_num_answers(step, history) for step in stored.ending())


def check(step: Step, video: FrameSource, history: History) -> None:
    """ValueError if a step needs something that the video, or the steps before it, do not provide."""
    match step:
        case Prompt(_, frame, prompt):
            _check_frame(frame, video)
            _check_pixels(prompt, video, any_mask_size=history.keeps_reference_rules)
        case Propagate():
            for frame in (step.start_frame, step.first_frame, step.last_frame, *step.locked):
                _check_frame(frame or 0, video)
            missing = [name for name in step.object_ids or () if not history.conditioning.get(name)]
            if missing or not any(history.conditioning.values()):
                raise ValueError(f"no prompt to set out from for {', '.join(missing) or 'any object'}")
        case Clear() | Remove():
            if step.object_id not in history.conditioning:
                raise ValueError(f"object {step.object_id} has not been prompted")
        case _:
            assert_never(step)


def _check_frame(frame: int, video: FrameSource) -> None:
    if frame >= video.num_frames:
        raise ValueError(f"frame {frame} is outside the video of {video.num_frames} frames (0..{video.num_frames - 1})")


def _check_pixels(prompt: FramePrompt, video: FrameSource, *, any_mask_size: bool) -> None:
    """The released predictor accepts masks of any size and stretches them (`any_mask_size`)."""
    if (stray := stray_point(prompt, video)) is not None:
        x, y = stray
        raise ValueError(f"({x:g}, {y:g}) is outside the video of {video.width} x {video.height} pixels")
    if not any_mask_size and (misfit := misfit_mask(prompt, video)) is not None:
        height, width = misfit
        raise ValueError(f"the mask is {width} x {height} pixels, the video {video.width} x {video.height}")


def _num_answers(step: Step, history: History) -> int:
    match step:
        case Prompt():
            return 1
        case Propagate():
            return sum(len(visit.object_ids) for visit in history.visits(step))
        case Clear() | Remove():
            return 0
        case _:
            assert_never(step)
