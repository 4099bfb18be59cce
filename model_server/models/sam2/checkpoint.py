"""Weights on disk: the released .pt layout, and our .safetensors with its own description.

Both load strictly: no name may be missing, unknown or of another shape.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from model_server.models.sam2.config import PRESETS, Sam2Config
from model_server.models.sam2.network.sam2 import Sam2

StateDict = dict[str, Tensor]
RELEASED_ROOT = "model"
RELEASED_CARD = "A released SAM 2 checkpoint; see its authors' model card for data, training and limits."


class CheckpointError(Exception):
    """The file does not hold the weights of a SAM 2 network."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with what its file says about it."""

    network: Sam2
    card: str
    metrics: dict[str, Any]
    version: str


def load(path: Path) -> Checkpoint:
    """Read a .safetensors or .pt file into a float32 network on the CPU, in evaluation mode.

    Raises FileNotFoundError, or CheckpointError when the contents do not fit.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there are no weights at {path}")
    version = _version(path)
    if path.suffix == ".safetensors":
        state, config, card, metrics = _read_safetensors(path)
    else:
        state = _read_released(path)
        config, card, metrics = recognise(state), RELEASED_CARD, {}
    network = Sam2(config)
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise CheckpointError(f"{path.name} does not fit {config.name}: {error}") from error
    return Checkpoint(network.eval(), card, metrics, version)


def save(network: Sam2, path: Path, *, card: str, metrics: dict[str, Any]) -> None:
    """Write float16 weights with the configuration, the model card (Markdown) and its metrics."""
    state = {name: value.detach().to("cpu", torch.float16).contiguous() for name, value in network.state_dict().items()}
    metadata = {"config": json.dumps(network.config.to_metadata()), "card": card, "metrics": json.dumps(metrics)}
    save_file(state, path, metadata)


def recognise(state: StateDict) -> Sam2Config:
    """The preset whose network has exactly these names and shapes. Raises CheckpointError if there is none."""
    shapes = {name: value.shape for name, value in state.items()}
    for config in PRESETS.values():
        with torch.device("meta"):
            expected = {name: value.shape for name, value in Sam2(config).state_dict().items()}
        if shapes == expected:
            return config
    raise CheckpointError(f"no known SAM 2 network has these {len(shapes)} weights")


def _version(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _read_safetensors(path: Path) -> tuple[StateDict, Sam2Config, str, dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a mapping
        config = Sam2Config.from_metadata(json.loads(metadata["config"])) if "config" in metadata else recognise(state)
        return state, config, metadata.get("card", ""), json.loads(metadata.get("metrics", "{}"))
    except (SafetensorError, ValueError, TypeError, OSError) as error:
        raise CheckpointError(f"{path.name} is not readable: {error}") from error


def _read_released(path: Path) -> StateDict:
    """One dictionary under the key "model". Only tensors are unpickled."""
    try:
        contents = torch.load(path, map_location="cpu", weights_only=True)
        return dict(contents[RELEASED_ROOT])
    except Exception as error:  # torch raises a dozen kinds for a file that is not one of its own
        raise CheckpointError(f"{path.name} is not a released checkpoint: {error}") from error
