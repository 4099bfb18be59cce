"""One tuning run: annotated videos in, a new model version out, compared with the old one.

The old model is evaluated first, because its time predicts that of the rest. Everything completed is kept in the run's
folder, so that an interrupted run can be resumed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from model_server.contract.tuning_lines import TuningStage
from model_server.evaluation.clip_folder import ClipFolder
from model_server.measurement.clips import NoClips, find_clips
from model_server.models.catalogue.addition import Provenance, add, check_free_name
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import AlreadyThere, Catalogue
from model_server.models.registry import build, locate
from model_server.retraining.annotated_file import write_annotated
from model_server.retraining.comparison import MeasureComparison, as_metrics, compared, evaluate, num_parts
from model_server.retraining.progress import Progress, Report, watching_losses
from model_server.retraining.split import Split, split_by_names, split_by_video
from model_server.training import networks
from model_server.training.tuning.network_tuning import NetworkTuning, account_of, tuned

_WEIGHTS = "tuned.safetensors"


@dataclass(frozen=True, slots=True)
class TuningRequest:
    """What to tune and on what. `run` is a folder that may hold an interrupted run of the same request."""

    data: Path
    name: str
    model: str
    data_dir: Path
    run: Path
    num_steps: int
    seed: int
    held_out: tuple[str, ...] = ()
    """Names of the videos to evaluate on; empty: a share of all, chosen by their names."""


@dataclass(frozen=True, slots=True)
class TunedModel:
    """The new version, and how it compares with the old one on held-out videos."""

    entry: Entry
    split: Split
    comparisons: tuple[MeasureComparison, ...]

    def to_json(self) -> dict[str, object]:
        """The result as JSON."""
        return {
            "model": {"name": self.entry.name, "version": self.entry.version, "parent": self.entry.parent},
            "training": [video.name for video in self.split.training],
            "held_out": [video.name for video in self.split.held_out],
            "comparison": [asdict(each) for each in self.comparisons],
        }


def tune(request: TuningRequest, report: Report) -> TunedModel:
    """Split the videos, evaluate the old model, train, evaluate the new one, and add it to the catalogue.

    ValueError for too few videos or none that shows an object; FileNotFoundError or CheckpointError for the model;
    BadEntry or AlreadyThere for a name that cannot be used; UnreadableVideo.
    """
    torch.set_num_threads(1)  # a second thread would slow the annotators down
    catalogue = Catalogue(request.data_dir / "models")
    _check_name(request, catalogue)
    parent = locate(request.model, catalogue).path
    networks.load(parent)  # what cannot be trained is refused before hours of work
    split = _split(request)
    request.run.mkdir(parents=True, exist_ok=True)
    report(Progress("preparing", 0, 1))
    annotated = request.run / "annotated.npz"
    if not annotated.exists():  # it exists if the run is resumed
        partial = annotated.with_name("annotated.partial.npz")
        write_annotated(split.training, partial)
        partial.replace(annotated)
    report(Progress("preparing", 1, 1))
    before, seconds = _evaluated(request.run / "before.json", parent, "judging-old", split, report)
    weights = _train(request, parent, annotated, seconds_after=seconds, report=report)
    after, _ = _evaluated(request.run / "after.json", weights, "judging-new", split, report)
    comparisons = compared(before, after)
    _describe(weights, request, parent, split, comparisons)
    origin = f"tuned on {len(split.training)} videos of {request.data.name}"
    provenance = Provenance(origin, parent=networks.load(parent).version)
    return TunedModel(add(catalogue, weights, name=request.name, provenance=provenance), split, tuple(comparisons))


def _check_name(request: TuningRequest, catalogue: Catalogue) -> None:
    """Check before hours of work rather than after. A resumed run may already have added its model under the name."""
    check_free_name(request.name)
    taken = any(entry.name == request.name for entry in catalogue.entries())
    if taken and not (request.run / _WEIGHTS).exists():
        raise AlreadyThere(f"{request.name} is there already: choose another name")


def _split(request: TuningRequest) -> Split:
    try:
        videos = [video for video in find_clips(request.data) if video.truths]
    except NoClips as error:
        raise ValueError(str(error)) from error
    return split_by_names(videos, request.held_out) if request.held_out else split_by_video(videos)


def _evaluated(
    path: Path, weights: Path, stage: TuningStage, split: Split, report: Report
) -> tuple[Mapping[str, float], float]:
    """The measures, and the seconds they took; kept at `path` in case the run is resumed."""
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["measures"], kept["seconds"]
    done, total, start = 0, num_parts(split.held_out), time.monotonic()
    report(Progress(stage, 0, total))

    def advance() -> None:
        nonlocal done
        done += 1
        left = (time.monotonic() - start) / done * (total - done) if stage == "judging-new" else None
        report(Progress(stage, done, total, seconds_left=left))

    measures = evaluate(build(str(weights), "cpu"), split.held_out, advance)
    seconds = time.monotonic() - start
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({"measures": measures, "seconds": seconds}), encoding="utf-8")
    partial.replace(path)
    return measures, seconds


def _train(request: TuningRequest, parent: Path, annotated: Path, *, seconds_after: float, report: Report) -> Path:
    """Train, or continue from where the run last saved; the file of the tuned weights."""
    run = NetworkTuning(request.run, annotated, request.num_steps, request.seed)
    losses = request.run / "losses.csv"
    with watching_losses(losses, num_steps=request.num_steps, seconds_after=seconds_after, report=report):
        network = tuned(networks.load(parent).network, run)
    weights = request.run / _WEIGHTS
    networks.save(network, weights, card="", metrics={})
    return weights


def _describe(
    weights: Path, request: TuningRequest, parent: Path, split: Split, comparisons: list[MeasureComparison]
) -> None:
    """Write card and metrics into the weight file itself, so that they travel with it."""
    before = networks.load(parent)
    table = "\n".join(f"| {each.measure} | {each.old:.1f} | {each.new:.1f} |" for each in comparisons)
    card = f"""# {request.name}

Tuned from version {before.version} on {_counted(split.training)} of `{request.data.name}` for {request.num_steps} steps
(seed {request.seed}). {account_of(before.network)}

| on {_counted(split.held_out)} held out | before | after |
|---|---|---|
{table}

J&F and IoU are percent; corrective clicks are those an object takes a simulated annotator.

What was said of the model it was tuned from:

{before.card}
"""
    tuned = networks.load(weights)
    metrics = {**before.metrics, "tuned": as_metrics(comparisons)}
    networks.save(tuned.network, weights, card=card, metrics=metrics)


def _counted(videos: tuple[ClipFolder, ...]) -> str:
    return "1 video" if len(videos) == 1 else f"{len(videos)} videos"
