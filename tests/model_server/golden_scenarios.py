"""Recorded scenarios of the released predictor, and a driver that plays their steps on our session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_server.models.sam2.config import PRESETS, Sam2Config
from model_server.models.sam2.memory import MemoryRules
from model_server.models.sam2.tracking.session import REFERENCE_BEHAVIOUR, Behaviour, Sam2Session, SessionOptions
from model_server.segmenter import Box, Click, FramePrompt, FrameResult
from tests.model_server.recipe_weights import recipe_network

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
REASON_ABSENT = "the recorded scenarios are not beside this checkout"
KNOWN_OVERRIDES = {
    "num_maskmem",
    "max_obj_ptrs_in_encoder",
    "memory_temporal_stride_for_eval",
    "max_cond_frames_in_attn",
    "add_all_frames_to_correct_as_cond",
    "clear_non_cond_mem_around_input",
    "fill_hole_area",
    "non_overlap_masks",
}
PRESET_NAMES = {"sam2.1_hiera_t": "sam2.1_hiera_tiny"}
Step = dict[str, Any]


@dataclass(frozen=True)
class StoredFrames:
    """A `FrameSource` over frames already at the network's size, of a video with another one."""

    images: list[NDArray[np.uint8]]
    height: int
    width: int

    @property
    def num_frames(self) -> int:
        return len(self.images)

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        return self.images[frame_index]


def scenario_names() -> list[str]:
    """Every recorded scenario; none when the recordings are absent."""
    return sorted(path.stem for path in (GOLDEN / "scenarios").glob("*.json"))


def load_scenario(name: str) -> tuple[Step, dict[str, NDArray[Any]]]:
    """Its description and its rows."""
    description = json.loads((GOLDEN / "scenarios" / f"{name}.json").read_text())
    with np.load(GOLDEN / "scenarios" / f"{name}.npz") as rows:
        return description, dict(rows)


def open_scenario(description: Step, frames: StoredFrames | None = None) -> Sam2Session:
    """A session that behaves as the recorded predictor did, or in our own way if that is what was recorded."""
    overrides = description["model_overrides"]
    assert set(overrides) <= KNOWN_OVERRIDES
    preset = PRESETS[PRESET_NAMES.get(description["config"], description["config"])]
    config = replace(preset, memory_slots=overrides.get("num_maskmem", preset.memory_slots))
    rules = MemoryRules(
        slots=config.memory_slots,
        max_pointers=overrides.get("max_obj_ptrs_in_encoder", config.max_object_pointers),
        stride=overrides.get("memory_temporal_stride_for_eval", 1),
        max_conditioning=overrides.get("max_cond_frames_in_attn"),
    )
    behaviour = replace(
        REFERENCE_BEHAVIOUR,
        corrections_condition=overrides.get("add_all_frames_to_correct_as_cond", False),
        clears_around_prompts=overrides.get("clear_non_cond_mem_around_input", False),
    )
    # The weights are arbitrary: they follow no click, and what follows where clicks prevail is a test of its own.
    ours = replace(Behaviour(), clicks_prevail=False)
    options = SessionOptions(
        rules=rules,
        behaviour=ours if description.get("behaviour") == "ours" else behaviour,
        stability_fallback=description["apply_postprocessing"],
        binarise_prompted=description["apply_postprocessing"],
        fill_holes_up_to=overrides.get("fill_hole_area", 0),
        non_overlapping=overrides.get("non_overlap_masks", False),
        tracked_bytes_per_object=2**30,
    )
    if frames is None:
        height, width = description["video_size_hw"]
        frames = StoredFrames([_image(name) for name in description["frames"]], height, width)
    weights = json.dumps(description["weight_overrides"], sort_keys=True)
    return Sam2Session(_network(config, weights), frames, options)


@cache
def _image(name: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(GOLDEN / "frames" / name).convert("RGB"))


@cache
def _network(config: Sam2Config, overrides: str) -> Any:
    return recipe_network(config, json.loads(overrides))


@dataclass
class Driver:
    """Plays steps; the predictor's session was told things in another way than ours, this is the dictionary."""

    session: Sam2Session
    video_size: tuple[int, int]
    num_frames: int
    prompts: dict[tuple[int, int], FramePrompt] = field(default_factory=dict)

    def play(self, step: Step) -> Iterator[FrameResult]:
        """What one step answers, in the order of the recording."""
        match step["op"]:
            case "add_points":
                yield from self._add(step, self._points(step))
            case "add_mask":
                yield from self._add(step, FramePrompt(mask=drawn_mask(step)))
            case "propagate":
                yield from self._propagate(step)
            case "clear_prompts":
                self.session.clear_frame(str(step["obj"]), step["frame"])
                del self.prompts[step["obj"], step["frame"]]
                yield from self.session.answers(step["frame"])
            case "remove_object":
                self._remove({step["obj"]})
            case "reset":
                self._remove({object_id for object_id, _ in self.prompts})
            case other:
                raise AssertionError(f"unknown step {other}")

    def _add(self, step: Step, prompt: FramePrompt) -> Iterator[FrameResult]:
        """The answer, cut as the frame's other objects cut it, and theirs."""
        self.prompts[step["obj"], step["frame"]] = prompt
        answer = self.session.prompt(str(step["obj"]), step["frame"], prompt)
        others = {result.object_id: result for result in self.session.answers(step["frame"])}
        if self.session.cuts_overlaps:
            answer = others[answer.object_id]
        yield answer
        yield from (other for name, other in others.items() if name != answer.object_id)

    def _points(self, step: Step) -> FramePrompt:
        height, width = self.video_size
        scale = (1, 1) if step.get("normalize_coords", True) else (width, height)
        points = zip(step.get("points", []), step.get("labels", []), strict=True)
        clicks = tuple(Click(x * scale[0], y * scale[1], label == 1) for (x, y), label in points)
        box = Box(*step["box"]) if "box" in step else None
        if not step.get("clear_old_points", True):
            before = self.prompts[step["obj"], step["frame"]]
            clicks, box = before.clicks + clicks, before.box
        return FramePrompt(clicks, box)

    def _propagate(self, step: Step) -> Iterator[FrameResult]:
        start = step.get("start", min(frame for _, frame in self.prompts))
        reverse = step.get("reverse", False)
        last = 0 if reverse else self.num_frames - 1
        if "max_frames" in step:
            last = max(start - step["max_frames"], 0) if reverse else min(start + step["max_frames"], last)
        frames = range(start, last - 1, -1) if reverse else range(start, last + 1)
        objects = list(dict.fromkeys(object_id for object_id, _ in self.prompts))
        for frame in frames:
            yield from self.session.track_together(list(map(str, objects)), frame, "backward" if reverse else "forward")

    def _remove(self, objects: set[int]) -> None:
        for object_id in objects:
            self.session.forget_object(str(object_id))
        self.prompts = {key: prompt for key, prompt in self.prompts.items() if key[0] not in objects}


def drawn_mask(step: Step) -> NDArray[np.bool_]:
    """The union of a step's ellipses and rectangles on integer pixel indices."""
    height, width = step["size"]
    y, x = np.mgrid[:height, :width]
    mask = np.zeros((height, width), bool)
    for cx, cy, rx, ry in step.get("ellipses", []):
        mask |= ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1
    for x0, y0, x1, y1 in step.get("rects", []):
        mask |= (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
    return mask
