"""The state of a run on disk, replaced atomically so that a killed run always finds its last complete state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.networks import network_of
from model_server.training.optimiser import WeightAverage

FILE_NAME = "checkpoint.pt"


def save_checkpoint(
    folder: Path,
    *,
    step: int,
    num_shards: int,
    network: Sam2,
    optimiser: torch.optim.Optimizer,
    average: WeightAverage,
) -> None:
    """Write all that a run needs to continue exactly after `step` steps of `num_shards` batches."""
    state = {
        **run_state(step, network, optimiser, average),
        "num_shards": num_shards,
        "config": network.config.to_metadata(),
    }
    write_state(folder, state)


def run_state(
    step: int, network: nn.Module, optimiser: torch.optim.Optimizer, average: WeightAverage
) -> dict[str, Any]:
    """What `restore` takes back."""
    return {
        "step": step,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "average": average.state,
        "num_updates": average.num_updates,
    }


def save_weights(folder: Path, network: Sam2) -> None:
    """Write the weights alone, for later runs to start from."""
    write_state(folder, {"config": network.config.to_metadata(), "average": network.state_dict()})


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Replace the state of a run on disk, atomically."""
    partial = folder / f"{FILE_NAME}.partial"
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, folder / FILE_NAME)


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The last complete state on the CPU, or None for a new run."""
    path = folder / FILE_NAME
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def restore(state: dict[str, Any], network: nn.Module, optimiser: torch.optim.Optimizer, average: WeightAverage) -> int:
    """Restore a saved state in place; returns the number of steps done."""
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    average.state = {name: value.to(average.state[name].device) for name, value in state["average"].items()}
    average.num_updates = state["num_updates"]
    return state["step"]


def averaged_network(folder: Path) -> Sam2:
    """The network of a run with its averaged weights. Raises FileNotFoundError if the run has saved nothing yet."""
    state = _saved(folder)
    network = network_of(state["config"])
    network.load_state_dict(state["average"])
    return network


def averaged_weights(folder: Path) -> dict[str, Tensor]:
    """The averaged weights of a run. Raises FileNotFoundError if the run has saved nothing yet."""
    return _saved(folder)["average"]


def _saved(folder: Path) -> dict[str, Any]:
    state = load_checkpoint(folder)
    if state is None:
        raise FileNotFoundError(f"{folder} holds no {FILE_NAME}")
    return state
