"""A run of training the head: continues exactly where it last saved when the same command is given again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.training.checkpoints import FILE_NAME, load_checkpoint, restore, run_state, write_state
from model_server.training.curves import draw_curves
from model_server.training.optimiser import WeightAverage, build_optimiser, scheduled_rate, set_rate
from model_server.training.progress import Averages, Clock, CsvLog
from model_server.training.prompt_head.head_step import HeadRecipe, step_loss_of
from model_server.training.prompt_head.head_validation import validate_head
from model_server.training.prompt_head.pictures import PictureFolder

COLUMNS = ("loss", "mask", "iou", "best_of_three_iou", "prompted_iou", "gradient")


@dataclass(frozen=True, slots=True)
class HeadRun:
    """Where a run is stored and how often it reports. Intervals are in steps."""

    folder: Path
    seed: int = 0
    start: Path | None = None
    """A run whose averaged head this one begins with."""
    report_every: int = 50
    save_every: int = 100
    validate_every: int = 400


def train_head(pictures: PictureFolder, held_out: PictureFolder, recipe: HeadRecipe, run: HeadRun) -> dict[str, float]:
    """Train to the recipe's end, from the folder's checkpoint if there is one; returns the last validation."""
    run.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(run.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    head = PromptHead().train()
    saved = load_checkpoint(run.folder)
    if saved is None and run.start is not None:
        head.load_state_dict(averaged_weights(run.start))
    optimiser = build_optimiser(head, recipe.optimiser)
    average = WeightAverage(head, recipe.average_decay)
    first_step = restore(saved, head, optimiser, average) if saved else 0
    report, scores = _Report(run, recipe, first_step), dict[str, float]()
    for step in range(first_step, recipe.num_steps):
        set_rate(optimiser, scheduled_rate(step, recipe.num_steps, recipe.optimiser), recipe.optimiser)
        report.count(_update(head, optimiser, pictures, recipe, np.random.default_rng([run.seed, step])))
        average.update(head)
        done = step + 1
        if report.is_due(done, run.report_every):
            report.losses(done)
        if report.is_due(done, run.save_every):
            write_state(run.folder, run_state(done, head, optimiser, average))
        if report.is_due(done, run.validate_every):
            scores = validate_head(averaged_head(average.state), held_out)
            report.validation(done, scores)
    return scores


def averaged_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The averaged weights that a run saved last. FileNotFoundError if it has saved nothing yet, CheckpointError."""
    saved = load_checkpoint(folder)
    if saved is None:
        raise FileNotFoundError(f"{folder} holds no {FILE_NAME}")
    return saved["average"]


def averaged_head(state: dict[str, torch.Tensor]) -> PromptHead:
    """A head with averaged weights, in evaluation mode."""
    head = PromptHead()
    head.load_state_dict(state)
    return head.eval()


def _update(
    head: PromptHead,
    optimiser: torch.optim.Optimizer,
    pictures: PictureFolder,
    recipe: HeadRecipe,
    random: np.random.Generator,
) -> dict[str, float]:
    """One update; none if its gradient is not finite. Returns the metrics, and the gradient's norm before clipping."""
    optimiser.zero_grad(set_to_none=True)
    loss, row = step_loss_of(head, pictures, recipe, random)
    loss.backward()  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    gradient = float(clip_grad_norm_(head.parameters(), recipe.optimiser.clip_norm))
    if math.isfinite(gradient):
        optimiser.step()
    return {"loss": loss.item(), **row, "gradient": gradient}


class _Report:
    """What a run writes down and prints."""

    def __init__(self, run: HeadRun, recipe: HeadRecipe, first_step: int) -> None:
        self._run, self._num_steps = run, recipe.num_steps
        self._averages, self._clock = Averages(), Clock(first_step=first_step, num_steps=recipe.num_steps)
        self._losses = CsvLog(run.folder / "losses.csv", first_step=first_step)
        self._validations = CsvLog(run.folder / "validation.csv", first_step=first_step)

    def is_due(self, done: int, interval: int) -> bool:
        return done % interval == 0 or done == self._num_steps

    def count(self, row: dict[str, float]) -> None:
        self._averages.add(row)

    def losses(self, done: int) -> None:
        """Write and print the means since the last report."""
        means = {**dict.fromkeys(COLUMNS, math.nan), **self._averages.take()}
        pace, left = self._clock.report(done)
        self._losses.append({"step": done, **means, "seconds_per_step": pace})
        draw_curves(self._run.folder)
        shown = " ".join(f"{name} {value:.3f}" for name, value in means.items())
        print(f"{done}/{self._num_steps} {shown} | {pace:.2f} s/step, {left / 60:.0f} min left", flush=True)

    def validation(self, done: int, scores: dict[str, float]) -> None:
        self._validations.append({"step": done, **scores})
        draw_curves(self._run.folder)
        print("validation", " ".join(f"{name} {value:.3f}" for name, value in scores.items()), flush=True)
