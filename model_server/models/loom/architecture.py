"""The architecture entry of the model in the box."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from model_server.models.architecture import LoadOptions
from model_server.models.loom.config import BUILTIN_CONFIG, LoomConfig
from model_server.models.loom.network import Loom
from model_server.models.loom.tracker import LoomTracker
from model_server.models.sam2.architecture import Sam2Architecture
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.build import segmenter as sam2_segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.checkpoints.family import NetworkFamily
from model_server.models.weight_file import WeightFile

BUILTIN_WEIGHTS = Path(__file__).parent / "weights" / "builtin.safetensors"

LOOM_FAMILY = NetworkFamily(Loom, LoomConfig, (BUILTIN_CONFIG,))

_OWN_PARTS = ("correspondence.", "refined_share.")


def segmenter(checkpoint: Checkpoint, options: LoadOptions) -> Sam2Segmenter:
    """Move a checkpoint's network to its device; without a correspondence it tracks as SAM 2 does."""
    network = checkpoint.network
    open_tracker = partial(LoomTracker, network) if isinstance(network, Loom) and network.carries else None
    return sam2_segmenter(checkpoint, options, open_tracker)


def _is_loom(file: WeightFile) -> bool:
    """By its tensors or its metadata, so that a file without the parts it describes is reported as incomplete."""
    if any(name.startswith(_OWN_PARTS) for name in file.tensors):
        return True
    try:
        return LOOM_FAMILY.describes(json.loads(file.metadata["config"]))
    except (KeyError, ValueError, AttributeError):
        return False


LOOM = Sam2Architecture("loom", LOOM_FAMILY, _is_loom, segmenter)
