"""The arguments that the commands of all parts have."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Protocol

from model_server.training.optimiser import OptimiserSettings


class Commands(Protocol):
    """What argparse returns for the commands of a program."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def add_run_arguments(command: argparse.ArgumentParser, *, num_steps: int, optimiser: OptimiserSettings) -> None:
    """Add what a run is given besides what it is trained on; defaults are those of a recipe."""
    command.add_argument("folder", type=Path, help="where checkpoint, losses.csv and validation.csv go")
    command.add_argument("--validation", type=Path, required=True, help="such a folder, of objects kept apart")
    command.add_argument("--num-steps", type=int, default=num_steps)
    command.add_argument("--rate", type=float, default=optimiser.learning_rate, help="learning rate")
    command.add_argument("--start", type=Path, help="begin with the averaged weights of this other run")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--threads", type=int, default=1)
