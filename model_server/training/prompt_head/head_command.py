"""`python -m model_server.training prompt-head` trains the head."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from model_server.models.loom.trunk.pretrained import pretrained_trunk
from model_server.training.parts.part_run import PartRun
from model_server.training.parts.program import Commands, add_run_arguments
from model_server.training.prompt_head.head_run import VALIDATE_EVERY, train_head
from model_server.training.prompt_head.head_step import HeadRecipe
from model_server.training.prompt_head.pictures import PictureFolder


def add_head_command(commands: Commands) -> None:
    """Add the command to a program's."""
    train = commands.add_parser("prompt-head", help="train the prompt head; run it again and it continues")
    pictures = "folder of pictures, as `python -m model_server.footage.composites` writes it"
    train.add_argument("--pictures", type=Path, required=True, help=pictures)
    add_run_arguments(train, num_steps=HeadRecipe().num_steps, optimiser=HeadRecipe().optimiser)
    train.set_defaults(command=_train)


def _train(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    trunk = pretrained_trunk()
    pictures, held_out = PictureFolder(arguments.pictures, trunk), PictureFolder(arguments.validation, trunk)
    rates = replace(HeadRecipe().optimiser, learning_rate=arguments.rate)
    recipe = replace(HeadRecipe(), num_steps=arguments.num_steps, optimiser=rates)
    run = PartRun(arguments.folder, VALIDATE_EVERY, seed=arguments.seed, start=arguments.start)
    train_head(pictures, held_out, recipe, run)
