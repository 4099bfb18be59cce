"""`python -m model_server.training prompt-head` trains the head, `join-head` writes the weights of the whole model."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import torch

from model_server.models.loom.trunk.pretrained import pretrained_trunk
from model_server.training.networks import save
from model_server.training.prompt_head.head_run import HeadRun, train_head
from model_server.training.prompt_head.head_step import HeadRecipe
from model_server.training.prompt_head.pictures import PictureFolder
from model_server.training.prompt_head.whole_model import whole_model


class Commands(Protocol):
    """What argparse returns for the commands of a program."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def add_head_commands(commands: Commands) -> None:
    """Add both commands to a program's."""
    train = commands.add_parser("prompt-head", help="train the prompt head; run it again and it continues")
    train.add_argument("folder", type=Path, help="where checkpoint, losses.csv and validation.csv go")
    pictures = "folder of pictures, as `python -m model_server.footage.composites` writes it"
    train.add_argument("--pictures", type=Path, required=True, help=pictures)
    train.add_argument("--validation", type=Path, required=True, help="such a folder, of objects kept apart")
    train.add_argument("--num-steps", type=int, default=HeadRecipe().num_steps)
    train.add_argument("--rate", type=float, default=HeadRecipe().optimiser.learning_rate, help="learning rate")
    train.add_argument("--start", type=Path, help="begin with the head of this other run")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--threads", type=int, default=1)
    train.set_defaults(command=_train)
    join = commands.add_parser("join-head", help="write the weights of the model in the box with a run's averaged head")
    join.add_argument("folder", type=Path, help="of the run")
    join.add_argument("weights", type=Path, help="the .safetensors file to write")
    join.add_argument("--rest", type=Path, required=True, help="weights of the model in the box, for all but the head")
    join.add_argument("--card", type=Path, required=True, help="Markdown that travels with the weights")
    join.add_argument("--metrics", type=Path, help="JSON of measurements, as `maskloom evaluate ... --json` prints it")
    join.set_defaults(command=_join)


def _train(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    trunk = pretrained_trunk()
    pictures, held_out = PictureFolder(arguments.pictures, trunk), PictureFolder(arguments.validation, trunk)
    rates = replace(HeadRecipe().optimiser, learning_rate=arguments.rate)
    recipe = replace(HeadRecipe(), num_steps=arguments.num_steps, optimiser=rates)
    train_head(pictures, held_out, recipe, HeadRun(arguments.folder, seed=arguments.seed, start=arguments.start))


def _join(arguments: argparse.Namespace) -> None:
    metrics: dict[str, Any] = json.loads(arguments.metrics.read_text()) if arguments.metrics else {}
    whole = whole_model(arguments.folder, arguments.rest)
    save(whole, arguments.weights, card=arguments.card.read_text(), metrics=metrics)
