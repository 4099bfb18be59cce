"""Tunes a network on annotated clips; a run continues exactly where it last saved when it is given again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

import torch

from model_server.models.loom.network import Loom
from model_server.models.loom.trunk.pretrained import pretrained_trunk
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.checkpoints import averaged_network, averaged_weights
from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.loop import RunSettings, train
from model_server.training.parts.part_run import PartRun, train_part
from model_server.training.recipe import STAGES
from model_server.training.tuning.trunk_parts import TrunkPartsRecipe, lessons_of

STAGE = STAGES["tune"]
REPORT_EVERY, SAVE_EVERY = 5, 25
"""Steps."""


@dataclass(frozen=True, slots=True)
class NetworkTuning:
    """A run. `folder` may hold an interrupted one; `annotated` is a file of clips (see AnnotatedClips)."""

    folder: Path
    annotated: Path
    num_steps: int
    seed: int


def tuned(network: Sam2, run: NetworkTuning) -> Sam2:
    """The network with averaged weights after the run's last step. Loss and pace are in `losses.csv` of its folder.

    Where a frozen trunk feeds the parts that answer and track, these are tuned: encoder and decoder no longer run.
    Raises NoTrunk if it is needed and there is none.
    """
    if _is_fed_by_trunk(network):
        return _with_tuned_parts(network, run)
    stage = STAGE
    size = network.config.image_size
    images, clips = replace(stage.images, size=size), replace(stage.clips, size=size)
    stage = replace(stage, num_steps=run.num_steps, images=images, clips=clips)
    settings = RunSettings(
        run.folder,
        run.seed,
        annotated=run.annotated,
        report_every=REPORT_EVERY,
        save_every=SAVE_EVERY,
        validate_every=0,
    )
    torch.manual_seed(run.seed)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    train(network, stage, settings)
    return averaged_network(run.folder)


def account_of(network: Sam2) -> str:
    """What tuning trains of a network, and on what, in a sentence for its card."""
    if _is_fed_by_trunk(network):
        return "Of the network the parts that its frozen trunk feeds were tuned, on these clips alone."
    share = f"{STAGE.annotated_share:.0%}"
    return f"All of the network was tuned; {share} of the batches were theirs, the rest generated clips."


def _is_fed_by_trunk(network: Sam2) -> TypeGuard[Loom]:
    return isinstance(network, Loom) and network.config.carries_by_trunk


def _with_tuned_parts(network: Loom, run: NetworkTuning) -> Loom:
    clips = AnnotatedClips(run.annotated, seed=run.seed)
    lessons = lessons_of(network, clips, pretrained_trunk(), TrunkPartsRecipe(run.num_steps))
    part_run = PartRun(run.folder, validate_every=0, seed=run.seed, report_every=REPORT_EVERY, save_every=SAVE_EVERY)
    train_part(lessons, part_run)
    network.load_state_dict(network.state_dict() | averaged_weights(run.folder))
    return network.eval()
