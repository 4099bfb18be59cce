"""Joins a trained head with the weights of a model in the box that has none, or another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from model_server.models.loom.network import Loom
from model_server.training.networks import load
from model_server.training.prompt_head.head_run import averaged_weights


def whole_model(run: Path, rest: Path) -> Loom:
    """The network in the file `rest`, with the averaged head of a run.

    Raises FileNotFoundError if there is no such file or the run has saved nothing yet, a CheckpointError, and
    ValueError if `rest` is no model in the box.
    """
    average = averaged_weights(run)
    network = load(rest).network
    if not isinstance(network, Loom):
        raise ValueError(f"{rest.name} is no model in the box: the prompt head belongs to that one alone")
    whole = Loom(replace(network.config, answers_by_trunk=True))
    head = {f"prompt_head.{name}": value for name, value in average.items()}
    whole.load_state_dict({**network.state_dict(), **head})
    return whole.eval()
