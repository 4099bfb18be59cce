"""The architecture entry of the model in the box."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import torch

from model_server.models.architecture import LoadOptions
from model_server.models.loom.config import BUILTIN_CONFIG, LoomConfig
from model_server.models.loom.network import Loom
from model_server.models.loom.tracker import LoomTracker
from model_server.models.loom.trunk.pretrained import pretrained_trunk, trunk_on
from model_server.models.problems import NoTrunk
from model_server.models.sam2.architecture import Sam2Architecture
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.build import segmenter as sam2_segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.checkpoints.family import NetworkFamily
from model_server.models.weight_file import WeightFile

log = logging.getLogger(__name__)

_WEIGHTS = Path(__file__).parent / "weights"
BUILTIN_WEIGHTS = _WEIGHTS / "builtin.safetensors"
WITHOUT_TRUNK = _WEIGHTS / "without_trunk.safetensors"
"""The weights in the box that need no pretrained trunk: those of the version before."""

LOOM_FAMILY = NetworkFamily(Loom, LoomConfig, (BUILTIN_CONFIG,))

_OWN_PARTS = ("correspondence.", "refined_share.", "prompt_head.")


@dataclass(frozen=True, slots=True)
class WeightsInTheBox:
    """The weights that can serve here, and why they are not the newest."""

    path: Path
    obstacle: str | None


@cache
def weights_in_the_box() -> WeightsInTheBox:
    """The newest weights, or those that need no trunk where there is none. Says so once in the log."""
    try:
        pretrained_trunk()
    except NoTrunk as reason:
        log.warning("the built-in model answers with its earlier weights: %s", reason)
        return WeightsInTheBox(WITHOUT_TRUNK, str(reason))
    return WeightsInTheBox(BUILTIN_WEIGHTS, None)


def segmenter(checkpoint: Checkpoint, options: LoadOptions) -> Sam2Segmenter:
    """Move a checkpoint's network to its device; without a correspondence it tracks as SAM 2 does.

    Raises NoTrunk if the network needs the trunk and there is none.
    """
    network = checkpoint.network
    if not isinstance(network, Loom) or not network.carries:
        return sam2_segmenter(checkpoint, options)
    trunk = None
    if network.config.answers_by_trunk or network.config.carries_by_trunk:
        trunk = trunk_on(torch.device(options.device))
    return sam2_segmenter(checkpoint, options, partial(LoomTracker, network, trunk=trunk))


def _is_loom(file: WeightFile) -> bool:
    """By its tensors or its metadata, so that a file without the parts it describes is reported as incomplete."""
    if any(name.startswith(_OWN_PARTS) for name in file.tensors):
        return True
    try:
        return LOOM_FAMILY.describes(json.loads(file.metadata["config"]))
    except (KeyError, ValueError, AttributeError):
        return False


LOOM = Sam2Architecture("loom", LOOM_FAMILY, _is_loom, segmenter)
