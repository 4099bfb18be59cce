"""One turn of the retraining loop: annotated videos in, a compared model version out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from model_server.measurement.clips import NoClips, find_clips
from model_server.models.catalogue.adding import Provenance, add, check_free_name
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.registry import build, locate
from model_server.models.sam2 import checkpoint
from model_server.retraining.annotated_file import write_annotated
from model_server.retraining.comparing import Comparison, as_metrics, compare
from model_server.retraining.splitting import Split, split_by_video
from model_server.training.checkpoints import averaged_weights
from model_server.training.loop import RunSettings, train
from model_server.training.recipe import STAGES


@dataclass(frozen=True, slots=True)
class Request:
    """What to tune, on what. `run` is a folder that may hold an interrupted run of the same request."""

    data: Path
    name: str
    model: str
    data_dir: Path
    run: Path
    num_steps: int
    seed: int


@dataclass(frozen=True, slots=True)
class Tuned:
    """The new version, and how it compares on held-out videos."""

    entry: Entry
    split: Split
    comparisons: tuple[Comparison, ...]

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "model": {"name": self.entry.name, "version": self.entry.version, "parent": self.entry.parent},
            "training": [video.name for video in self.split.training],
            "held_out": [video.name for video in self.split.held_out],
            "comparison": [asdict(each) for each in self.comparisons],
        }


def tune(request: Request, tell: Callable[[str], None]) -> Tuned:
    """Split, train, compare, add to the catalogue.

    Raises ValueError for too few videos or none that shows an object, FileNotFoundError or CheckpointError for the
    model, BadEntry or AlreadyThere for a name that cannot be given, UnreadableVideo.
    """
    check_free_name(request.name)
    torch.set_num_threads(1)  # a second thread would be taken from those who annotate
    catalogue = Catalogue(request.data_dir / "models")
    parent = locate(request.model, catalogue).path
    try:
        split = split_by_video([video for video in find_clips(request.data) if video.truths])
    except NoClips as error:
        raise ValueError(str(error)) from error
    tell(f"{len(split.training)} videos to train on, {len(split.held_out)} held out")
    request.run.mkdir(parents=True, exist_ok=True)
    annotated = request.run / "annotated.npz"
    if not annotated.exists():  # a resumed run has it
        partial = annotated.with_name("annotated.partial.npz")
        tell(f"{write_annotated(split.training, partial)} clips")
        partial.replace(annotated)
    weights = _train(request, parent, annotated)
    new = build(str(weights), "cpu")
    comparisons = compare(build(str(parent), "cpu"), new, split.held_out, tell)
    _describe(weights, request, parent, split, comparisons)
    origin = f"tuned on {len(split.training)} videos of {request.data.name}"
    provenance = Provenance(origin, parent=checkpoint.load(parent).version)
    return Tuned(add(catalogue, weights, name=request.name, provenance=provenance), split, tuple(comparisons))


def _train(request: Request, parent: Path, annotated: Path) -> Path:
    """The tuned weights' file; a run that was cut off goes on where it last saved."""
    network = checkpoint.load(parent).network
    size = network.config.image_size
    stage = STAGES["tune"]
    images, clips = replace(stage.images, size=size), replace(stage.clips, size=size)
    stage = replace(stage, num_steps=request.num_steps, images=images, clips=clips)
    settings = RunSettings(
        request.run, request.seed, annotated=annotated, report_every=10, save_every=25, validate_every=0
    )
    torch.manual_seed(request.seed)
    train(network, stage, settings)
    _, average = averaged_weights(request.run)
    network.load_state_dict(average)
    weights = request.run / "tuned.safetensors"
    checkpoint.save(network, weights, card="", metrics={})
    return weights


def _describe(weights: Path, request: Request, parent: Path, split: Split, comparisons: list[Comparison]) -> None:
    """The card and metrics go into the file itself, so that they travel with it."""
    before = checkpoint.load(parent)
    table = "\n".join(f"| {each.measure} | {each.old:.1f} | {each.new:.1f} |" for each in comparisons)
    card = f"""# {request.name}

Tuned from version {before.version} on {len(split.training)} annotated videos of `{request.data.name}` for
{request.num_steps} steps (seed {request.seed}); {STAGES["tune"].annotated_share:.0%} of the batches were theirs,
the rest generated clips.

| on {len(split.held_out)} held-out videos, percent | before | after |
|---|---|---|
{table}

What was said of the model it was tuned from:

{before.card}
"""
    tuned = checkpoint.load(weights)
    metrics = {**before.metrics, "tuned": as_metrics(comparisons)}
    checkpoint.save(tuned.network, weights, card=card, metrics=metrics)
