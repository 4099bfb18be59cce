"""Loads and saves weights: the released layout (.pt or safetensors), that of Hugging Face, and ours, with metadata.

A file is recognised by its tensors, not by its name, and loaded strictly: no tensor may be missing, unknown or of
another shape, and all numbers must be finite.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType] - its paths are typed partly
from torch import Tensor

from model_server.models import weight_file
from model_server.models.problems import BadNumbers, CheckpointError, Corrupt
from model_server.models.sam2.checkpoints import huggingface
from model_server.models.sam2.checkpoints.family import SAM2_FAMILY, NetworkFamily
from model_server.models.sam2.checkpoints.recognition import check_fits, recognise
from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.weight_file import WeightFile, version_of

NO_CARD = "Weights without a card of their own: ask where they came from for data, training and limits."
_KINDS = (torch.float32, torch.float16, torch.bfloat16)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network and the metadata of its file."""

    network: Sam2
    card: str
    metrics: dict[str, Any]
    version: str


def load(path: Path, family: NetworkFamily = SAM2_FAMILY) -> Checkpoint:
    """Read a file of weights into a float32 network on the CPU, in evaluation mode.

    Raises FileNotFoundError, or a CheckpointError that says what is wrong with the file.
    """
    return from_file(weight_file.read(path), family)


def from_file(file: WeightFile, family: NetworkFamily) -> Checkpoint:
    """As `load`, for a file that has already been read. Raises a CheckpointError."""
    path = file.path
    tensors = file.tensors
    if huggingface.is_huggingface(set(tensors)):
        tensors = huggingface.to_released(tensors)
    shapes = {name: tuple(value.shape) for name, value in tensors.items()}
    config, card, metrics = _description(file, family)
    try:
        if config is None:
            config = recognise(shapes, family)
        else:
            check_fits(shapes, config, family.network)
    except CheckpointError as error:
        raise type(error)(f"{path.name}: {error}") from error
    state = {name: _weights(path, name, value) for name, value in tensors.items()}
    with torch.device("meta"):  # random initialisation takes longer than reading the file
        network = family.network(config)
    network.load_state_dict(state, strict=True, assign=True)
    return Checkpoint(network.eval(), card, metrics, version_of(path))


def save(network: Sam2, path: Path, *, card: str, metrics: dict[str, Any]) -> None:
    """Write float16 weights with the configuration, the model card (Markdown) and its metrics."""
    state = {name: value.detach().to("cpu", torch.float16).contiguous() for name, value in network.state_dict().items()}
    metadata = {"config": json.dumps(network.config.to_metadata()), "card": card, "metrics": json.dumps(metrics)}
    save_file(state, path, metadata)


def _description(file: WeightFile, family: NetworkFamily) -> tuple[Sam2Config | None, str, dict[str, Any]]:
    """Configuration, card and metrics in the metadata of a file; released files have none."""
    metadata = file.metadata
    if "config" not in metadata:
        return None, NO_CARD, {}
    try:
        config = family.config.from_metadata(json.loads(metadata["config"]))
        return config, metadata.get("card", ""), json.loads(metadata.get("metrics", "{}"))
    except (ValueError, TypeError, AttributeError) as error:
        raise Corrupt(f"{file.path.name} describes itself in a way that cannot be read: {error}") from error


def _weights(path: Path, name: str, value: Tensor) -> Tensor:
    """A float32 copy in memory of its own. Raises BadNumbers for other types and for numbers that are not finite."""
    if value.dtype not in _KINDS or value.layout is not torch.strided:
        raise BadNumbers(f"{path.name}: {name} is stored as {value.dtype}, not as float32, float16 or bfloat16")
    weights = value.detach().to(torch.float32).contiguous()
    if not bool(torch.isfinite(weights).all()):
        count = int((~torch.isfinite(weights)).sum())
        raise BadNumbers(f"{path.name}: {count} of {weights.numel()} numbers in {name} are not finite")
    return weights
