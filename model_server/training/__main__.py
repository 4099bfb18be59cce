"""`python -m model_server.training`: `pretrain` prepares a network, `run` trains one stage, `export` writes weights.

`prompt-head`, `neck` and `outline` train these parts of the model in the box, `join` writes its weights with them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.checkpoints import averaged_network, save_weights
from model_server.training.clips.generator import ClipGenerator
from model_server.training.loop import RunSettings, train
from model_server.training.neck.neck_command import add_neck_command
from model_server.training.networks import grown, load, make, presets, save
from model_server.training.outline.outline_command import add_outline_command
from model_server.training.parts.whole_model import add_join_command
from model_server.training.prompt_head.head_command import add_head_command
from model_server.training.recipe import STAGES
from model_server.training.start.head_start import HeadStartSettings, pretrain_decoder, pretrain_encoder
from model_server.training.start.initialisation import initialise, rescale, standardise
from model_server.training.team import team


def main() -> None:
    """Parse the command line and run the command."""
    parser = argparse.ArgumentParser(prog="python -m model_server.training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="train one stage; run it again after an interruption and it continues")
    run.add_argument("folder", type=Path, help="where checkpoint, losses.csv and validation.csv go")
    run.add_argument("--stage", choices=STAGES, required=True)
    run.add_argument("--start", type=Path, help="folder of an earlier run, or a file of weights, to start from")
    run.add_argument("--grow", action="store_true", help="add what the preset has and the start lacks")
    run.add_argument("--preset", choices=presets(), default="builtin", help="network, where no earlier run gives it")
    run.add_argument("--textures", type=Path, help="npz of real frames; without it every texture is procedural")
    run.add_argument("--num-steps", type=int, help="another length than the recipe's")
    run.add_argument("--size", type=int, help="side of the training frames, where it is not the recipe's")
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--threads", type=int, default=1)
    run.add_argument("--annotated", type=Path, help="npz of annotated clips, as `maskloom train scratch` makes it")
    run.add_argument("--shards", type=int, default=0, help="batches in a step; 0: one for each process of torchrun")
    run.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    run.add_argument("--prefetch", action="store_true", help="make clips in a second process")
    run.set_defaults(command=_run)
    pretrain = commands.add_parser("pretrain", help="train encoder and decoder apart, as a start for the first stage")
    pretrain.add_argument("folder", type=Path)
    pretrain.add_argument("--preset", choices=presets(), default="builtin")
    pretrain.add_argument("--textures", type=Path)
    pretrain.add_argument("--num-steps", type=int, default=HeadStartSettings().num_steps, help="of either step")
    pretrain.add_argument("--seed", type=int, default=0)
    pretrain.add_argument("--threads", type=int, default=1)
    pretrain.set_defaults(command=_pretrain)
    export = commands.add_parser("export", help="write a run's averaged weights as the file the model server loads")
    export.add_argument("folder", type=Path)
    export.add_argument("weights", type=Path, help="the .safetensors file to write")
    export.add_argument(
        "--blend", type=Path, help="another run, or file of weights, of the same descent: between the two"
    )
    export.add_argument("--share", type=float, default=0.5, help="of the other one in a blend")
    export.add_argument("--card", type=Path, required=True, help="Markdown that travels with the weights")
    export.add_argument(
        "--metrics", type=Path, help="JSON of measurements, as `maskloom evaluate ... --json` prints it"
    )
    export.set_defaults(command=_export)
    for add_command in (add_head_command, add_neck_command, add_outline_command, add_join_command):
        add_command(commands)
    arguments = parser.parse_args()
    arguments.command(arguments)


def _run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    stage = STAGES[arguments.stage]
    if arguments.num_steps:
        stage = replace(stage, num_steps=arguments.num_steps)
    if arguments.size:
        shapes = (replace(shape, size=arguments.size) for shape in (stage.images, stage.clips))
        stage = replace(stage, images=next(shapes), clips=next(shapes))
    network = _network(arguments.start) if arguments.start else _fresh_network(arguments)
    if arguments.grow:
        network = grown(network, presets()[arguments.preset])
    settings = RunSettings(
        folder=arguments.folder,
        seed=arguments.seed,
        textures=arguments.textures,
        annotated=arguments.annotated,
        prefetch=arguments.prefetch,
        num_shards=arguments.shards,
    )
    with team(arguments.device) as processes:
        train(network, stage, settings, team=processes)


def _pretrain(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    network = _fresh_network(arguments).train()
    settings = HeadStartSettings(num_steps=arguments.num_steps)
    generator = ClipGenerator(seed=arguments.seed, textures=arguments.textures)
    pretrain_encoder(network, generator, settings)
    rescale(network, normalise(generator.batch(0, settings.images).frames[:, 0]))
    pretrain_decoder(network, generator, settings)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    save_weights(arguments.folder, network)


def _export(arguments: argparse.Namespace) -> None:
    network = _network(arguments.folder)
    if arguments.blend:
        weights, other = network.state_dict(), _network(arguments.blend).state_dict()
        network.load_state_dict({name: value.lerp(other[name], arguments.share) for name, value in weights.items()})
    metrics: dict[str, Any] = json.loads(arguments.metrics.read_text()) if arguments.metrics else {}
    save(network, arguments.weights, card=arguments.card.read_text(), metrics=metrics)


def _network(start: Path) -> Sam2:
    """The network of a run, with averaged weights, or of a file."""
    if start.is_file():
        return load(start).network
    return averaged_network(start)


def _fresh_network(arguments: argparse.Namespace) -> Sam2:
    network = make(presets()[arguments.preset])
    initialise(network)
    sample = ClipGenerator(seed=arguments.seed, textures=arguments.textures).batch(0, HeadStartSettings().images)
    standardise(network, normalise(sample.frames[:, 0]))
    return network


if __name__ == "__main__":
    main()
