"""`python -m model_server.training neck` trains the neck."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from model_server.models.loom.trunk.pretrained import pretrained_trunk
from model_server.training.neck.neck_run import VALIDATE_EVERY, train_neck
from model_server.training.neck.neck_step import NeckRecipe
from model_server.training.neck.seen_clips import MovingObjects
from model_server.training.parts.part_run import PartRun
from model_server.training.parts.program import Commands, add_run_arguments


def add_neck_command(commands: Commands) -> None:
    """Add the command to a program's."""
    train = commands.add_parser("neck", help="train the neck; run it again and it continues")
    clips = "folder of clips, as `python -m model_server.footage.moving_composites` writes it"
    train.add_argument("--clips", type=Path, required=True, help=clips)
    channels = "numbers that describe a cell"
    train.add_argument("--num-channels", type=int, default=NeckRecipe().num_channels, help=channels)
    add_run_arguments(train, num_steps=NeckRecipe().num_steps, optimiser=NeckRecipe().optimiser)
    train.set_defaults(command=_train)


def _train(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    trunk = pretrained_trunk()
    clips, held_out = MovingObjects(arguments.clips, trunk), MovingObjects(arguments.validation, trunk)
    rates = replace(NeckRecipe().optimiser, learning_rate=arguments.rate)
    recipe = NeckRecipe(num_steps=arguments.num_steps, num_channels=arguments.num_channels, optimiser=rates)
    run = PartRun(arguments.folder, VALIDATE_EVERY, seed=arguments.seed, start=arguments.start)
    train_neck(clips, held_out, recipe, run)
