"""Joins trained parts with the weights of a model in the box that has none, or others: the command `join`."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from model_server.models.loom.correspondence import Correspondence
from model_server.models.loom.network import Loom
from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.models.loom.trunk.outline import Outline
from model_server.training.checkpoints import averaged_weights
from model_server.training.networks import load, save
from model_server.training.parts.program import Commands

HEAD, NECK, OUTLINE = "prompt_head", "correspondence", "outline"
"""Where a network has the parts."""


def add_join_command(commands: Commands) -> None:
    """Add the command to a program's."""
    join = commands.add_parser("join", help="write the weights of the model in the box with parts trained apart")
    join.add_argument("weights", type=Path, help="the .safetensors file to write")
    join.add_argument("--rest", type=Path, required=True, help="weights of the model in the box, for all other parts")
    join.add_argument("--head", type=Path, help="a run of `prompt-head`")
    join.add_argument("--neck", type=Path, help="a run of `neck`")
    join.add_argument("--outline", type=Path, help="a run of `outline`, for the neck that is joined or there")
    join.add_argument("--card", type=Path, required=True, help="Markdown that travels with the weights")
    join.add_argument("--metrics", type=Path, help="JSON of measurements, as `maskloom evaluate ... --json` prints it")
    join.set_defaults(command=_join, refuse=join.error)


def whole_model(rest: Path, *, head: Path | None = None, neck: Path | None = None, outline: Path | None = None) -> Loom:
    """The network in the file `rest`, with the averaged parts of these runs.

    Raises FileNotFoundError if there is no such file or a run has saved nothing yet, a CheckpointError, and ValueError
    if `rest` is no model in the box or a run trained something else.
    """
    trained = dict[str, dict[str, Tensor]]()
    if head is not None:
        trained[HEAD] = _trained(head, PromptHead())
    if neck is not None:
        trained[NECK] = _trained(neck, Correspondence(None, 1))
    if outline is not None:
        trained[OUTLINE] = _trained(outline, Outline(1))
    network = load(rest).network
    if not isinstance(network, Loom):
        raise ValueError(f"{rest.name} is no model in the box: the parts belong to that one alone")
    config, weights = network.config, network.state_dict()
    if HEAD in trained:
        config = replace(config, answers_by_trunk=True)
    if NECK in trained:
        width = len(trained[NECK]["neck.describe.weight"])
        config = replace(config, carries_by_trunk=True, correspondence_dim=width)
        if OUTLINE not in trained:  # the earlier one reads other cells
            config = replace(config, draws_outlines=False)
    if OUTLINE in trained:
        reads = trained[OUTLINE]["read.weight"].shape
        if not config.carries_by_trunk or reads != Outline(config.correspondence_dim).read.weight.shape:
            raise ValueError(f"{outline} was trained for another neck: its masks are not those of {rest.name}")
        config = replace(config, draws_outlines=True)
    whole = Loom(config)
    kept = whole.state_dict().keys()
    weights = {key: value for key, value in weights.items() if key.split(".")[0] not in trained and key in kept}
    whole.load_state_dict(
        weights | {f"{part}.{key}": value for part in trained for key, value in trained[part].items()}
    )
    return whole.eval()


def _trained(run: Path, part: nn.Module) -> dict[str, Tensor]:
    """The averaged weights of a run that trained such a part."""
    weights = averaged_weights(run)
    if weights.keys() != part.state_dict().keys():
        raise ValueError(f"{run} trained something else: its weights have other names")
    return weights


def _join(arguments: argparse.Namespace) -> None:
    if arguments.head is arguments.neck is arguments.outline is None:
        arguments.refuse("name a run: --head, --neck or --outline, or several")
    metrics: dict[str, Any] = json.loads(arguments.metrics.read_text()) if arguments.metrics else {}
    whole = whole_model(arguments.rest, head=arguments.head, neck=arguments.neck, outline=arguments.outline)
    save(whole, arguments.weights, card=arguments.card.read_text(), metrics=metrics)
