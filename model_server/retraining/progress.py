"""The progress of a run by stage, with the time left once the pace is known."""

from __future__ import annotations

import csv
import math
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model_server.contract.tuning_lines import TuningStage

_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage, which are videos, steps, or measures of videos."""

    stage: TuningStage
    done: int
    total: int
    loss: float | None = None
    seconds_left: float | None = None

    def __str__(self) -> str:
        words = [f"{self.stage.replace('-', ' ')} {self.done}/{self.total}"]
        if self.loss is not None:
            words.append(f"loss {self.loss:.3f}")
        if self.seconds_left is not None:
            words.append(f"{self.seconds_left / 60:.1f} min left")
        return ", ".join(words)


Report = Callable[[Progress], None]


@contextmanager
def watching_losses(path: Path, *, num_steps: int, seconds_after: float, report: Report) -> Generator[None]:
    """Report what the training loop writes to its CSV of losses at `path`, from a thread, for the length of the block.

    `seconds_after` is the expected time of what follows training.
    """
    stop = threading.Event()

    def watch() -> None:
        seen = 0
        ended = False
        while not ended:
            ended = stop.wait(_LOOK_SECONDS)
            row = _last_row(path)
            if row is not None and row[0] != seen:
                seen, loss, pace = row
                left = pace * (num_steps - seen) + seconds_after
                report(Progress("training", seen, num_steps, loss, left))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _last_row(path: Path) -> tuple[int, float | None, float] | None:
    """Step, loss and seconds per step; None if there is no row yet, or if it is being written."""
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            return None
        last = rows[-1]
        loss = float(last["loss"])
        return int(last["step"]), loss if math.isfinite(loss) else None, float(last["seconds_per_step"])
    except (OSError, KeyError, TypeError, ValueError):
        return None
