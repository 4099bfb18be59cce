"""The chain of stages that trains a model from scratch, each in a folder of its own, resumable at any time.

The folder of a run holds `run.json`, the request; `annotated.npz`, if there is annotated data; and a folder per stage
with its checkpoint, CSV files and `curves.svg`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

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
"""The stages of each recipe. `small` made the built-in weights, in hours on a CPU; `paper` takes days on GPUs."""
REQUEST, WEIGHTS, START = "run.json", "trained.safetensors", "start"
_PUBLISHED = "published.json"


class NoRun(ValueError):
    """The folder holds no run, or the run of another request."""


@dataclass(frozen=True, slots=True)
class ScratchRequest:
    """What to train. Paths are kept as given; `steps` and `size` override those of the recipe, for trials."""

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
    def read(cls, folder: Path) -> ScratchRequest:
        """The request with which a run was begun. NoRun if there is none."""
        try:
            stored: dict[str, Any] = json.loads((folder / REQUEST).read_text())
            stored["data"] = tuple(stored["data"])
            return cls(**stored)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NoRun(f"{folder} holds no run of `maskloom train scratch`") from error

    def keep(self, folder: Path) -> None:
        """Write the request to the folder. NoRun if the folder holds the run of another request."""
        if (folder / REQUEST).exists():
            if ScratchRequest.read(folder) != self:
                raise NoRun(f"{folder} holds another run: `maskloom train resume {folder}` goes on with it")
            return
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{REQUEST}.partial"
        partial.write_text(json.dumps(asdict(self), indent=2) + "\n")
        os.replace(partial, folder / REQUEST)


def run_chain(folder: Path, request: ScratchRequest, *, processes: Team, report: Callable[[str], None]) -> Entry | None:
    """Run the remaining stages; the entry in the catalogue, if the request names the model.

    ValueError for data without an object; BadEntry or AlreadyThere for a name that cannot be used.
    """
    if request.name and not (folder / _PUBLISHED).exists():
        check_free_name(request.name)
    annotated = _prepare(folder, request, processes, report)
    before = folder / START
    for name in RECIPES[request.recipe]:
        stage = _stage(STAGES[name], request)
        network = averaged_network(before)
        torch.manual_seed(request.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
        textures = Path(request.textures) if request.textures else None
        settings = RunSettings(folder / name, request.seed, textures, annotated, num_shards=request.shards)
        if _steps_done(folder / name) < stage.num_steps:
            report(f"{name}: {stage.num_steps} steps")
            train(network, stage, settings, team=processes)
        before = folder / name
    if not processes.leads:
        return None
    networks.save(averaged_network(before), folder / WEIGHTS, card=_card(request), metrics={})
    return _publish(folder, request)


def _prepare(folder: Path, request: ScratchRequest, processes: Team, report: Callable[[str], None]) -> Path | None:
    """Collect the annotated data in one file and make the initial weights, both in the leading process."""
    annotated = folder / "annotated.npz" if request.data else None
    if processes.leads:
        if annotated is not None and not annotated.exists():
            partial = annotated.with_name("annotated.partial.npz")
            frames = max(STAGES[name].clips.num_frames for name in RECIPES[request.recipe])
            report(f"{write_sources([Path(each) for each in request.data], partial, frames_per_clip=frames)} clips")
            partial.replace(annotated)
        if load_checkpoint(folder / START) is None:
            _start(folder / START, request)
    processes.wait()
    return annotated


def _start(folder: Path, request: ScratchRequest) -> None:
    """A network that is worth training: see `initialisation` and `head_start`."""
    torch.manual_seed(request.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
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


def _stage(stage: Stage, request: ScratchRequest) -> Stage:
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


def _publish(folder: Path, request: ScratchRequest) -> Entry | None:
    if not request.name:
        return None
    catalogue = Catalogue(Path(request.data_dir) / "models")
    if (folder / _PUBLISHED).exists():
        return catalogue.find(request.name)
    entry = add(catalogue, folder / WEIGHTS, name=request.name, provenance=Provenance("trained from nothing"))
    (folder / _PUBLISHED).write_text(json.dumps({"name": entry.name, "version": entry.version}) + "\n")
    return entry


def _card(request: ScratchRequest) -> str:
    stages: Sequence[str] = RECIPES[request.recipe]
    names = [Path(each).name for each in request.data]
    data = f"generated clips and the annotated data of {', '.join(names)}" if names else "generated clips alone"
    steps = f", {request.steps} steps each" if request.steps else ""
    return f"""# {request.name or "A model trained from nothing"}

Network `{request.preset}`, trained from nothing on {data} (seed {request.seed}): a start of its encoder and decoder
apart, then the stages {", ".join(stages)}{steps}. Not evaluated yet: `maskloom evaluate vos --model` measures it.
"""
