"""A model from nothing: the stages of the recipe one after the other, each in a folder of its own, resumed at any time.

The folder of a run holds `run.json`, what was asked for; `annotated.npz`, where there are annotated data; and a folder
for each stage with its checkpoint, CSV files and `curves.svg`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from model_server.models.catalogue.addition import Provenance, add, check_free_name
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.retraining.sources import write_sources
from model_server.training import networks
from model_server.training.checkpoints import averaged_network, load_checkpoint, save_weights
from model_server.training.clips.generator import ClipGenerator
from model_server.training.loop import RunSettings, train
from model_server.training.recipe import STAGES
from model_server.training.recipes.stage import Stage
from model_server.training.start.head_start import HeadStartSettings, pretrain_decoder, pretrain_encoder
from model_server.training.start.initialisation import initialise, rescale, standardise
from model_server.training.team import Team

RECIPES: dict[str, tuple[str, ...]] = {
    "small": ("images", "memory", "full", "matching", "joining", "settle", "remember", "carry", "correct"),
    "paper": ("paper-images", "paper-full", "paper-long"),
}
"""`small` is how the built-in weights were made, hours on a processor; `paper` is for GPUs, for days."""
REQUEST, WEIGHTS, START = "run.json", "trained.safetensors", "start"
_PUBLISHED = "published.json"


class NoRun(ValueError):
    """The folder holds no run, or one that another request began."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to train. Paths are kept as they were given; `steps` and `size` replace the recipe's, for trials."""

    preset: str = "builtin"
    recipe: str = "small"
    data: tuple[str, ...] = ()
    textures: str | None = None
    seed: int = 0
    steps: int | None = None
    size: int | None = None
    shards: int = 0
    name: str | None = None
    data_dir: str = "data"

    @classmethod
    def read(cls, folder: Path) -> Request:
        """The one a run was begun with. Raises NoRun."""
        try:
            stored = json.loads((folder / REQUEST).read_text())
            return cls(**{**stored, "data": tuple(stored["data"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NoRun(f"{folder} holds no run of `maskloom train scratch`") from error

    def keep(self, folder: Path) -> None:
        """Write it down; a run that began otherwise is not mixed with this one. Raises NoRun."""
        if (folder / REQUEST).exists():
            if Request.read(folder) != self:
                raise NoRun(f"{folder} holds another run: `maskloom train resume {folder}` goes on with it")
            return
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{REQUEST}.partial"
        partial.write_text(json.dumps(asdict(self), indent=2) + "\n")
        os.replace(partial, folder / REQUEST)


def run_chain(folder: Path, request: Request, *, processes: Team, tell: Callable[[str], None]) -> Entry | None:
    """Do what is left of a run; the model of the catalogue, if it was given a name.

    Raises ValueError for data without an object, BadEntry or AlreadyThere for a name that cannot be given.
    """
    if request.name and not (folder / _PUBLISHED).exists():
        check_free_name(request.name)
    annotated = _prepare(folder, request, processes, tell)
    before = folder / START
    for name in RECIPES[request.recipe]:
        stage = _stage(STAGES[name], request)
        network = averaged_network(before)
        torch.manual_seed(request.seed)
        textures = Path(request.textures) if request.textures else None
        settings = RunSettings(folder / name, request.seed, textures, annotated, num_shards=request.shards)
        if _steps_done(folder / name) < stage.num_steps:
            tell(f"{name}: {stage.num_steps} steps")
            train(network, stage, settings, team=processes)
        before = folder / name
    if not processes.leads:
        return None
    networks.save(averaged_network(before), folder / WEIGHTS, card=_card(request), metrics={})
    return _publish(folder, request)


def _prepare(folder: Path, request: Request, processes: Team, tell: Callable[[str], None]) -> Path | None:
    """Annotated data in one file, and where the first stage starts; the first process makes both."""
    annotated = folder / "annotated.npz" if request.data else None
    if processes.leads:
        if annotated is not None and not annotated.exists():
            partial = annotated.with_name("annotated.partial.npz")
            frames = max(STAGES[name].clips.num_frames for name in RECIPES[request.recipe])
            tell(f"{write_sources([Path(each) for each in request.data], partial, frames_per_clip=frames)} clips")
            partial.replace(annotated)
        if load_checkpoint(folder / START) is None:
            _start(folder / START, request)
    processes.wait()
    return annotated


def _start(folder: Path, request: Request) -> None:
    """A network that is worth training: see `initialisation` and `head_start`."""
    torch.manual_seed(request.seed)
    network = networks.make(networks.presets()[request.preset]).train()
    initialise(network)
    settings = HeadStartSettings()
    if request.steps:
        settings = replace(settings, num_steps=request.steps, warmup_steps=1)
    if request.size:
        settings = replace(settings, images=replace(settings.images, size=request.size))
    generator = ClipGenerator(seed=request.seed, textures=Path(request.textures) if request.textures else None)
    frames = networks.normalise(generator.batch(0, settings.images).frames[:, 0])
    standardise(network, frames)
    pretrain_encoder(network, generator, settings)
    rescale(network, frames)
    pretrain_decoder(network, generator, settings)
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder, network)


def _stage(stage: Stage, request: Request) -> Stage:
    if request.steps:
        few = min(stage.encoded_clips, request.steps), min(stage.encoded_images, request.steps)
        stage = replace(stage, num_steps=request.steps, encoded_clips=few[0], encoded_images=few[1])
    if request.size:
        images, clips = replace(stage.images, size=request.size), replace(stage.clips, size=request.size)
        stage = replace(stage, images=images, clips=clips)
    return stage


def _steps_done(folder: Path) -> int:
    state = load_checkpoint(folder)
    return 0 if state is None else state["step"]


def _publish(folder: Path, request: Request) -> Entry | None:
    if not request.name:
        return None
    catalogue = Catalogue(Path(request.data_dir) / "models")
    if (folder / _PUBLISHED).exists():
        return catalogue.find(request.name)
    entry = add(catalogue, folder / WEIGHTS, name=request.name, provenance=Provenance("trained from nothing"))
    (folder / _PUBLISHED).write_text(json.dumps({"name": entry.name, "version": entry.version}) + "\n")
    return entry


def _card(request: Request) -> str:
    stages: Sequence[str] = RECIPES[request.recipe]
    names = [Path(each).name for each in request.data]
    data = f"generated clips and the annotated data of {', '.join(names)}" if names else "generated clips alone"
    steps = f", {request.steps} steps each" if request.steps else ""
    return f"""# {request.name or "A model trained from nothing"}

Network `{request.preset}`, trained from nothing on {data} (seed {request.seed}): a start of its encoder and decoder
apart, then the stages {", ".join(stages)}{steps}. Not evaluated yet: `maskloom evaluate vos --model` measures it.
"""
