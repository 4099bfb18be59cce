"""Adds a file of weights to the catalogue: copies it, checks it by loading it, and installs it atomically."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from model_server.models import weight_file
from model_server.models.architectures import architecture_of
from model_server.models.catalogue.entry import BUILTIN, BadEntry, Entry, checked_name, name_from
from model_server.models.catalogue.folder import Catalogue, flush
from model_server.models.catalogue.released import released_as
from model_server.models.problems import CheckpointError, TooLarge

_CHUNK = 4 * 2**20

Progress = Callable[[int], None]
"""Called after every chunk with its size in bytes."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known of weights from outside their file."""

    origin: str
    parent: str | None = None
    card: str | None = None
    """Replaces the card in the file."""


def describe(path: Path, digest: str, provenance: Provenance) -> Entry:
    """Describe a file of weights by loading it. Raises a CheckpointError for a bad one."""
    file = weight_file.read(path)
    architecture = architecture_of(file)
    found = architecture.describe(file)
    released = released_as(digest)
    card = found.card if released is None else released.card
    with path.open("rb") as opened:
        suffix = ".safetensors" if opened.read(9)[8:9] == b"{" else ".pt"
    name = released.name if released is not None else name_from(Path(provenance.origin))
    return Entry(
        name=name,
        file=f"{name}-{digest[:12]}{suffix}",
        digest=digest,
        origin=provenance.origin,
        preset=found.preset,
        num_parameters=found.num_parameters,
        input_size=found.input_size,
        num_bytes=path.stat().st_size,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
        architecture=architecture.name,
        card=card if provenance.card is None else provenance.card,
        metrics=found.metrics,
        parent=provenance.parent,
    )


def add(
    catalogue: Catalogue,
    source: Path,
    *,
    name: str | None = None,
    provenance: Provenance | None = None,
    progress: Progress = lambda _: None,
) -> Entry:
    """Copy a file into the catalogue. Raises FileNotFoundError, a CheckpointError, BadEntry or AlreadyThere.

    Whatever happens, the catalogue then has the whole model or nothing of it.
    """
    if name is not None:
        check_free_name(name)
    if not source.is_file():
        raise FileNotFoundError(f"there is no file at {source}")
    if source.stat().st_size > weight_file.MAX_BYTES:
        raise TooLarge(f"{source.name} is larger than any SAM 2 checkpoint")
    with catalogue.temporary(".weights") as copy:
        digest = _copy(source, copy, progress)
        return install(catalogue, copy, digest, provenance or Provenance(source.name), name=name)


def install(
    catalogue: Catalogue, weights: Path, digest: str, provenance: Provenance, *, name: str | None = None
) -> Entry:
    """Check a file that is already in the catalogue's folder and install it as a model. Raises as `add`."""
    try:
        entry = describe(weights, digest, provenance)
    except CheckpointError as error:
        # The name of the temporary copy means nothing to anyone.
        raise type(error)(str(error).replace(weights.name, Path(provenance.origin).name)) from error
    if name is not None:
        entry = replace(entry, name=name, file=entry.file.replace(entry.name, name, 1))
    check_free_name(entry.name)
    flush(weights)
    catalogue.install(entry, weights)
    return catalogue.find(entry.name)


def check_free_name(name: str) -> str:
    """The name, if a model may have it. Raises BadEntry, also for `builtin`."""
    if checked_name(name) == BUILTIN:
        raise BadEntry(f"{BUILTIN} is the model that comes with Maskloom")
    return name


def digest_of(path: Path, progress: Progress = lambda _: None) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            progress(len(chunk))
    return digest.hexdigest()


def _copy(source: Path, target: Path, progress: Progress) -> str:
    """Copy a file and return the digest of the copy, which holds even if the source changes meanwhile."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
            progress(len(chunk))
    return digest.hexdigest()
