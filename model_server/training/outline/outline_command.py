"""`python -m model_server.training outline` trains the outline."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from model_server.models.loom.network import Loom
from model_server.models.loom.trunk.pretrained import pretrained_trunk
from model_server.training.neck.seen_clips import MovingObjects
from model_server.training.networks import load
from model_server.training.outline.outline_run import VALIDATE_EVERY, train_outline
from model_server.training.outline.outline_step import OutlineRecipe
from model_server.training.parts.part_run import PartRun
from model_server.training.parts.program import Commands, add_run_arguments


def add_outline_command(commands: Commands) -> None:
    """Add the command to a program's."""
    train = commands.add_parser("outline", help="train the outline; run it again and it continues")
    clips = "folder of clips, as `python -m model_server.footage.moving_composites` writes it"
    train.add_argument("--clips", type=Path, required=True, help=clips)
    train.add_argument("--weights", type=Path, required=True, help="the model in the box whose neck carries the masks")
    add_run_arguments(train, num_steps=OutlineRecipe().num_steps, optimiser=OutlineRecipe().optimiser)
    train.set_defaults(command=_train, refuse=train.error)


def _train(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    network = load(arguments.weights).network
    if not isinstance(network, Loom) or not network.config.carries_by_trunk:
        arguments.refuse(f"{arguments.weights.name} has no neck that carries masks: train and join one first")
        return
    trunk = pretrained_trunk()
    clips, held_out = MovingObjects(arguments.clips, trunk), MovingObjects(arguments.validation, trunk)
    rates = replace(OutlineRecipe().optimiser, learning_rate=arguments.rate)
    recipe = OutlineRecipe(num_steps=arguments.num_steps, optimiser=rates)
    run = PartRun(arguments.folder, VALIDATE_EVERY, seed=arguments.seed, start=arguments.start)
    train_outline(network.correspondence.eval(), clips, held_out, recipe, run)
