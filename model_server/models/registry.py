"""Models by name. To add an architecture: a package with a `build` beside this file, and a line in ARCHITECTURES."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch

from model_server.models.catalogue.addition import Provenance, describe, digest_of
from model_server.models.catalogue.entry import BUILTIN, Entry
from model_server.models.catalogue.folder import Catalogue, UnknownModel
from model_server.models.problems import Corrupt, WrongArchitecture
from model_server.models.sam2 import build as sam2
from model_server.models.sam2.checkpoints.checkpoint import version_of
from model_server.segmenter import VideoSegmenter

BUILTIN_WEIGHTS = Path(__file__).parent / "loom" / "weights" / "builtin.safetensors"

Place = Callable[[], VideoSegmenter]

ARCHITECTURES: dict[str, Callable[[Path, sam2.Placement], Place]] = {
    "sam2": sam2.read,
}


@dataclass(frozen=True, slots=True)
class Located:
    """Weights, and what the catalogue knows of them: nothing where they were named by their path."""

    path: Path
    entry: Entry | None


def build(
    name_or_path: str, device: str = "auto", *, precision: sam2.Precision = "auto", catalogue: Catalogue | None = None
) -> VideoSegmenter:
    """The named model, or the SAM 2 weights at a path (safetensors, a released .pt, Hugging Face's).

    `device` is "auto" (a GPU if there is one), "cpu", "cuda" or "cuda:1". Raises FileNotFoundError or CheckpointError.
    """
    return read(name_or_path, device, precision=precision, catalogue=catalogue)()


def read(
    name_or_path: str,
    device: str = "auto",
    *,
    precision: sam2.Precision = "auto",
    compiles: bool = False,
    catalogue: Catalogue | None = None,
) -> Place:
    """The first, longer half of `build`: the weights in memory. What it returns puts them onto the device.

    `compiles`: the image encoder goes through `torch.compile` then.
    """
    chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    found = locate(name_or_path, catalogue)
    if found.entry is None:
        return sam2.read(found.path, sam2.Placement(chosen, precision, compiles=compiles))
    architecture = ARCHITECTURES.get(found.entry.architecture)
    if architecture is None:
        raise WrongArchitecture(f"{found.entry.name} is a {found.entry.architecture}, which this version does not know")
    if version_of(found.path) != found.entry.version:
        raise Corrupt(f"the weights of {found.entry.name} are not those that were added: remove it and add it again")
    return architecture(found.path, sam2.Placement(chosen, precision, found.entry.name, compiles))


def locate(name_or_path: str, catalogue: Catalogue | None = None) -> Located:
    """Where a model's weights lie. UnknownModel where there are none; a name goes before a file of that name."""
    catalogue = catalogue or default_catalogue()
    if name_or_path == BUILTIN:
        return Located(BUILTIN_WEIGHTS, builtin_entry())
    entry = next((entry for entry in catalogue.entries() if entry.name == name_or_path), None)
    if entry is not None:
        weights = catalogue.weights(entry)
        if not weights.is_file():
            raise UnknownModel(f"the weights of {entry.name} were taken away from {catalogue.folder}; add it again")
        return Located(weights, entry)
    path = Path(name_or_path)
    if not path.is_file():
        names = ", ".join([BUILTIN, *(entry.name for entry in catalogue.entries())])
        raise UnknownModel(f"{name_or_path!r} is neither a model ({names}) nor a file with weights")
    return Located(path, None)


def default_catalogue() -> Catalogue:
    """The one in the data folder of the environment."""
    return Catalogue(Path(os.environ.get("MASKLOOM_DATA_DIR") or "data") / "models")


@cache
def builtin_entry() -> Entry:
    """The model in the box, described as if somebody had added it."""
    origin = Provenance("comes with Maskloom")
    entry = describe(BUILTIN_WEIGHTS, digest_of(BUILTIN_WEIGHTS), origin)
    return replace(entry, name=BUILTIN, file=BUILTIN_WEIGHTS.name, added_at=None)
