"""Models by name: the one in the box, and those of the catalogue."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch

from model_server.models import weight_file
from model_server.models.architecture import LoadOptions, Precision, PutOnDevice
from model_server.models.architectures import ARCHITECTURES, architecture_of
from model_server.models.catalogue.addition import Provenance, describe, digest_of
from model_server.models.catalogue.entry import BUILTIN, Entry
from model_server.models.catalogue.folder import Catalogue, UnknownModel
from model_server.models.loom.architecture import weights_in_the_box
from model_server.models.problems import Corrupt, WrongArchitecture
from model_server.segmenter import VideoSegmenter


@dataclass(frozen=True, slots=True)
class Located:
    """A file of weights and its catalogue entry; None if it was given by path."""

    path: Path
    entry: Entry | None


def build(
    name_or_path: str, device: str = "auto", *, precision: Precision = "auto", catalogue: Catalogue | None = None
) -> VideoSegmenter:
    """Load a model by name, or weights by path (safetensors, a released .pt, Hugging Face's).

    `device` is "auto" (a GPU if there is one), "cpu", "cuda" or "cuda:1". Raises FileNotFoundError or CheckpointError.
    """
    return read(name_or_path, device, precision=precision, catalogue=catalogue)()


def read(
    name_or_path: str,
    device: str = "auto",
    *,
    precision: Precision = "auto",
    compiles: bool = False,
    catalogue: Catalogue | None = None,
) -> PutOnDevice:
    """The first, longer half of `build`: read the weights; the returned function moves them to the device.

    It also compiles the image encoder with `torch.compile` if `compiles`. Raises as `build`.
    """
    chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    found = locate(name_or_path, catalogue)
    if found.entry is not None:
        _check(found.entry, found.path)
    file = weight_file.read(found.path)
    name = "" if found.entry is None else found.entry.name
    return architecture_of(file).read(file, LoadOptions(chosen, precision, name, compiles))


def _check(entry: Entry, weights: Path) -> None:
    """Raise WrongArchitecture for a model of a later version, Corrupt for weights other than those that were added.

    The architecture is taken from the file: older descriptions call every model sam2.
    """
    if entry.architecture not in ARCHITECTURES:
        raise WrongArchitecture(f"{entry.name} is a {entry.architecture}, which this version does not know")
    if weight_file.version_of(weights) != entry.version:
        raise Corrupt(f"the weights of {entry.name} are not those that were added: remove it and add it again")


def locate(name_or_path: str, catalogue: Catalogue | None = None) -> Located:
    """Find a model's weights; a name takes precedence over a path. Raises UnknownModel if there are none."""
    catalogue = catalogue or default_catalogue()
    if name_or_path == BUILTIN:
        return Located(weights_in_the_box().path, builtin_entry())
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
    """The catalogue in the data folder of the environment."""
    return Catalogue(Path(os.environ.get("MASKLOOM_DATA_DIR") or "data") / "models")


@cache
def builtin_entry() -> Entry:
    """The catalogue entry of the model in the box."""
    box = weights_in_the_box()
    origin = "comes with Maskloom" if box.obstacle is None else f"comes with Maskloom, earlier weights: {box.obstacle}"
    entry = describe(box.path, digest_of(box.path), Provenance(origin))
    return replace(entry, name=BUILTIN, file=box.path.name, added_at=None)
