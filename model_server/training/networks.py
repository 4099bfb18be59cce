"""Makes and loads trainable networks, SAM 2 and those built on it: from a preset, a file or a run's checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from model_server.models import weight_file
from model_server.models.architectures import ARCHITECTURES, architecture_of
from model_server.models.sam2.architecture import Sam2Architecture
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint, save
from model_server.models.sam2.checkpoints.family import SAM2_FAMILY, NetworkFamily
from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.sam2 import Sam2

__all__ = ["NotTrainable", "grown", "load", "make", "network_of", "normalise", "presets", "save"]


class NotTrainable(ValueError):
    """The model is of a kind that cannot be trained."""


def presets() -> dict[str, Sam2Config]:
    """All named configurations, of every trainable family."""
    return {config.name: config for family in _families() for config in family.presets}


def make(config: Sam2Config) -> Sam2:
    """A network with fresh weights."""
    return next(family.network for family in _families() if family.config is type(config))(config)


def network_of(stored: Mapping[str, Any]) -> Sam2:
    """A fresh network as described by a run's checkpoint. Raises TypeError for fields of a later version."""
    family = next((family for family in _families() if family.describes(stored)), SAM2_FAMILY)
    return make(family.config.from_metadata(stored))


def load(path: Path) -> Checkpoint:
    """Load the network in a file of weights. Raises FileNotFoundError, a CheckpointError or NotTrainable."""
    file = weight_file.read(path)
    architecture = architecture_of(file)
    if not isinstance(architecture, Sam2Architecture):
        raise NotTrainable(
            f"{path.name} holds a {architecture.name}, which cannot be trained here: "
            "training is for SAM 2 and networks built on it"
        )
    return architecture.checkpoint(file)


def grown(network: Sam2, preset: Sam2Config) -> Sam2:
    """A copy of the network with the parts that a preset adds to SAM 2; new parts have fresh weights."""
    added = {item.name for item in fields(preset)} - {item.name for item in fields(Sam2Config)}
    config = type(preset)(**{**asdict(network.config), **{name: getattr(preset, name) for name in added}})
    larger = make(config)
    larger.load_state_dict({**larger.state_dict(), **network.state_dict()})
    return larger


def _families() -> list[NetworkFamily]:
    return [kind.family for kind in ARCHITECTURES.values() if isinstance(kind, Sam2Architecture)]
