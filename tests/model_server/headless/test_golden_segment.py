"""The command beside recordings of the released predictor: their steps as prompts.json, their rows in its files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.model_server.golden_scenarios import (
    GOLDEN,
    PRESET_NAMES,
    REASON_ABSENT,
    Step,
    drawn_mask,
    load_scenario,
    scenario_names,
)
from tests.model_server.headless.command import released_checkpoint, run

QUICK = {"b2_click_then_refine", "e2_mask_model_res", "f3_correct_from7", "h1_middle_fwd_bwd", "i4_remove_object"}


def with_the_predictors_defaults(name: str) -> bool:
    description, _ = load_scenario(name)
    return (description["model_overrides"], description["apply_postprocessing"]) == ({}, True)


PLAIN = [name for name in scenario_names() if with_the_predictors_defaults(name)]
MARKED = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in PLAIN]


@pytest.mark.parametrize("name", MARKED or [pytest.param("none", marks=pytest.mark.skip(REASON_ABSENT))])
def test_the_command_writes_the_recorded_rows(name: str, tmp_path: Path) -> None:
    description, rows = load_scenario(name)
    frames = tmp_path / "frames"
    frames.mkdir()
    for index, picture in enumerate(description["frames"]):
        (frames / f"{index:05d}.png").symlink_to(GOLDEN / "frames" / picture)
    preset = PRESET_NAMES.get(description["config"], description["config"])
    weights = released_checkpoint(tmp_path / "recipe.pt", preset, description["weight_overrides"])
    options = ("--model", str(weights), "--reference-behaviour", "--logits", "--device", "cpu")
    outcome = run(frames, as_prompt_file(description, tmp_path), tmp_path / "out", *options)
    assert outcome.exit_code == 0, outcome.message
    scores = {
        (int(name), score["frame"]): score for name, scores in outcome.scores()["objects"].items() for score in scores
    }
    last = last_rows(rows)
    assert last.keys() <= scores.keys()
    tolerance = max(2e-3, 10 * float(np.nanmax(rows["noise_low_res"])))
    for (object_id, frame), row in last.items():
        where = f"object {object_id}, frame {frame}"
        logits = outcome.logits(str(object_id), frame)
        stored_every = len(logits) // rows["low_res"].shape[1]
        logits = logits[::stored_every, ::stored_every]
        assert abs(logits - rows["low_res"][row]).max() <= tolerance, where
        assert abs(scores[object_id, frame]["object_score"] - rows["score"][row]) <= max(5e-4, tolerance), where
        mask = outcome.mask(str(object_id), frame)
        assert mask.shape == tuple(description["video_size_hw"])
        assert abs(int((mask > 0).sum()) - rows["area"][row]) <= max(100, 20 * rows["noise_area"][row]), where


def last_rows(rows: dict[str, Any]) -> dict[tuple[int, int], int]:
    """(object, frame) -> the row that holds in the end."""
    keys = zip(rows["obj"].tolist(), rows["frame"].tolist(), strict=True)
    finite = np.isfinite(rows["low_res"]).all(axis=(1, 2))
    return {key: row for row, key in enumerate(keys) if finite[row]}


def as_prompt_file(description: Step, folder: Path) -> dict[str, Any]:
    """The recorded steps in our words."""
    height, width = description["video_size_hw"]
    steps: list[dict[str, Any]] = []
    asked: dict[tuple[int, int], dict[str, Any]] = {}
    for index, step in enumerate(description["steps"]):
        match step["op"]:
            case "add_points" | "add_mask":
                key = step["obj"], step["frame"]
                asked[key] = prompt_form(step, asked.get(key, {}), (width, height), folder / f"{index}.png")
                steps.append({"prompt": asked[key]})
            case "propagate":
                steps.append({"propagate": propagate_form(step, min(frame for _, frame in asked))})
            case "clear_prompts":
                steps.append({"clear": {"object": step["obj"], "frame": step["frame"]}})
                del asked[step["obj"], step["frame"]]
            case "remove_object" | "reset":
                gone = {step["obj"]} if "obj" in step else {name for name, _ in asked}
                steps += [{"remove": {"object": name}} for name in gone]
                asked = {key: form for key, form in asked.items() if key[0] not in gone}
    return {"video": {"width": width, "height": height}, "steps": steps}


def prompt_form(step: Step, before: dict[str, Any], size: tuple[int, int], picture: Path) -> dict[str, Any]:
    form: dict[str, Any] = {"object": step["obj"], "frame": step["frame"]}
    if step["op"] == "add_mask":
        Image.fromarray(drawn_mask(step)).save(picture)
        return form | {"mask": picture.name}
    scale = (1, 1) if step.get("normalize_coords", True) else size
    points = zip(step.get("points", []), step.get("labels", []), strict=True)
    form["clicks"] = [[x * scale[0], y * scale[1], label] for (x, y), label in points]
    if not step.get("clear_old_points", True):
        form["clicks"] = before.get("clicks", []) + form["clicks"]
        form |= {"box": before["box"]} if "box" in before else {}
    return form | ({"box": step["box"]} if "box" in step else {})


def propagate_form(step: Step, earliest: int) -> dict[str, Any]:
    start, reverse = step.get("start", earliest), step.get("reverse", False)
    form = {"direction": "backward" if reverse else "forward", "start": start}
    if "max_frames" not in step:
        return form
    limit = {"first": max(0, start - step["max_frames"])} if reverse else {"last": start + step["max_frames"]}
    return form | limit
