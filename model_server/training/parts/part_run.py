"""A run of training a part: continues exactly where it last saved when the same command is given again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from model_server.training.checkpoints import averaged_weights, load_checkpoint, restore, run_state, write_state
from model_server.training.curves import draw_curves
from model_server.training.optimiser import (
    OptimiserSettings,
    WeightAverage,
    build_optimiser,
    scheduled_rate,
    set_rate,
)
from model_server.training.progress import Averages, Clock, CsvLog

Part = TypeVar("Part", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Lessons(Generic[Part]):
    """What is trained, and how."""

    make: Callable[[], Part]
    """A part with fresh weights."""
    step_loss: Callable[[Part, np.random.Generator], tuple[Tensor, dict[str, float]]]
    """The loss of one step and its metrics by column; a function of the part and of the random numbers."""
    validate: Callable[[Part], dict[str, float]]
    columns: Sequence[str]
    """Metrics of which a step has some."""
    num_steps: int
    average_decay: float
    optimiser: OptimiserSettings


@dataclass(frozen=True, slots=True)
class PartRun:
    """Where a run is stored and how often it reports. Intervals are in steps."""

    folder: Path
    validate_every: int  # 0 disables validation
    seed: int = 0
    start: Path | None = None
    """A run whose averaged weights this one begins with."""
    report_every: int = 50
    save_every: int = 100


def train_part(lessons: Lessons[Part], run: PartRun) -> dict[str, float]:
    """Train to the last step, from the folder's checkpoint if there is one; returns the last validation."""
    run.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(run.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    part = lessons.make().train()
    saved = load_checkpoint(run.folder)
    if saved is None and run.start is not None:
        part.load_state_dict(averaged_weights(run.start))
    optimiser = build_optimiser(part, lessons.optimiser)
    average = WeightAverage(part, lessons.average_decay)
    first_step = restore(saved, part, optimiser, average) if saved else 0
    report, scores = _Report(run, lessons, first_step), dict[str, float]()
    for step in range(first_step, lessons.num_steps):
        set_rate(optimiser, scheduled_rate(step, lessons.num_steps, lessons.optimiser), lessons.optimiser)
        report.count(_update(part, optimiser, lessons, np.random.default_rng([run.seed, step])))
        average.update(part)
        done = step + 1
        if report.is_due(done, run.report_every):
            report.losses(done)
        if report.is_due(done, run.save_every):
            write_state(run.folder, run_state(done, part, optimiser, average))
        if run.validate_every and report.is_due(done, run.validate_every):
            scores = lessons.validate(_averaged(lessons, average))
            report.validation(done, scores)
    return scores


def _averaged(lessons: Lessons[Part], average: WeightAverage) -> Part:
    """The part with averaged weights, in evaluation mode."""
    part = lessons.make()
    part.load_state_dict(average.state)
    return part.eval()


def _update(
    part: Part, optimiser: torch.optim.Optimizer, lessons: Lessons[Part], random: np.random.Generator
) -> dict[str, float]:
    """One update; none if its gradient is not finite. Returns the metrics, and the gradient's norm before clipping."""
    optimiser.zero_grad(set_to_none=True)
    loss, row = lessons.step_loss(part, random)
    loss.backward()  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    gradient = float(clip_grad_norm_(part.parameters(), lessons.optimiser.clip_norm))
    if math.isfinite(gradient):
        optimiser.step()
    return {"loss": loss.item(), **row, "gradient": gradient}


class _Report:
    """What a run writes down and prints."""

    def __init__(self, run: PartRun, lessons: Lessons[Part], first_step: int) -> None:
        self._run, self._num_steps, self._columns = run, lessons.num_steps, ("loss", *lessons.columns, "gradient")
        self._averages, self._clock = Averages(), Clock(first_step=first_step, num_steps=lessons.num_steps)
        self._losses = CsvLog(run.folder / "losses.csv", first_step=first_step)
        self._validations = CsvLog(run.folder / "validation.csv", first_step=first_step)

    def is_due(self, done: int, interval: int) -> bool:
        return done % interval == 0 or done == self._num_steps

    def count(self, row: dict[str, float]) -> None:
        self._averages.add(row)

    def losses(self, done: int) -> None:
        """Write and print the means since the last report."""
        means = {**dict.fromkeys(self._columns, math.nan), **self._averages.take()}
        pace, left = self._clock.report(done)
        self._losses.append({"step": done, **means, "seconds_per_step": pace})
        draw_curves(self._run.folder)
        shown = " ".join(f"{name} {value:.3f}" for name, value in means.items())
        print(f"{done}/{self._num_steps} {shown} | {pace:.2f} s/step, {left / 60:.0f} min left", flush=True)

    def validation(self, done: int, scores: dict[str, float]) -> None:
        self._validations.append({"step": done, **scores})
        draw_curves(self._run.folder)
        print("validation", " ".join(f"{name} {value:.3f}" for name, value in scores.items()), flush=True)
