"""Reads tensors from an untrusted file: recognised by its first bytes, bounded in size, never executed.

A file written by torch is a zip archive that contains a pickle. Before torch opens it, the parts of the archive must be
uncompressed, fit in the file and match their checksums, and the pickle may name nothing but tensors.
"""

from __future__ import annotations

import hashlib
import json
import pickletools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from model_server.models.problems import CarriesCode, Corrupt, NotWeights, TooLarge, Truncated

MAX_BYTES = 4 * 2**30
"""More than any released file, even the largest together with its optimiser state (2.7 GB)."""
MAX_PICKLE_BYTES = 16 * 2**20
MAX_PARTS = 20_000
RELEASED_ROOT = "model"

_ZIP_START = b"PK\x03\x04"
_TENSOR_WORDS = {"collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"} | {
    f"torch.{kind}Storage"
    for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
}
"""All that a pickle of tensors may name. torch's own allow list is longer, and can be made to allocate memory."""


@dataclass(frozen=True, slots=True)
class WeightFile:
    """Named tensors as stored, and the metadata of a safetensors file."""

    path: Path
    tensors: dict[str, Tensor]
    metadata: dict[str, str]


def read(path: Path) -> WeightFile:
    """Read a file, whatever its suffix. Raises FileNotFoundError or a CheckpointError."""
    if not path.is_file():
        raise FileNotFoundError(f"there are no weights at {path}")
    num_bytes = path.stat().st_size
    if num_bytes > MAX_BYTES:
        raise TooLarge(f"{path.name} has {num_bytes / 1e9:.1f} GB; no SAM 2 checkpoint has more than 4")
    with path.open("rb") as file:
        start = file.read(9)
    if start.startswith(_ZIP_START):
        return WeightFile(path, _read_archive(path, num_bytes), {})
    if len(start) == 9 and start[8:9] == b"{":
        return _read_safetensors(path, num_bytes, header_bytes=int.from_bytes(start[:8], "little"))
    if num_bytes < 9:
        raise Truncated(f"{path.name} has {num_bytes} bytes")
    raise NotWeights(f"{path.name} is neither a safetensors file nor one that torch wrote{_guess(start)}")


def version_of(path: Path) -> str:
    """First 12 hexadecimal digits of the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _guess(start: bytes) -> str:
    if start.lstrip()[:1] == b"<":
        return "; it looks like a web page"
    return "; it looks like a plain pickle, which is never opened" if start[:1] == b"\x80" else ""


def _read_safetensors(path: Path, num_bytes: int, *, header_bytes: int) -> WeightFile:
    if 8 + header_bytes > num_bytes:
        raise Truncated(f"{path.name} ends within its header")
    try:
        with cast("Any", safe_open(path, framework="pt")) as file:  # safetensors does not type its reader
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            return WeightFile(path, tensors, dict(file.metadata() or {}))
    except (SafetensorError, ValueError, OSError) as error:
        if _stated_end(path, header_bytes) > num_bytes:
            raise Truncated(f"{path.name} is shorter than its header says") from error
        raise Corrupt(f"{path.name} is not a readable safetensors file: {error}") from error


def _stated_end(path: Path, header_bytes: int) -> int:
    """Size of the file in bytes according to its header; 0 if unknown."""
    with path.open("rb") as file:
        file.seek(8)
        try:
            header = json.loads(file.read(header_bytes))
            ends = (entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
            return 8 + header_bytes + max(ends, default=0)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            return 0


def _read_archive(path: Path, num_bytes: int) -> dict[str, Tensor]:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(path, archive, num_bytes)
    except zipfile.BadZipFile as error:
        raise Truncated(f"{path.name} has no table of contents at its end: it was cut off") from error
    except (OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Corrupt(f"{path.name} is not a readable archive: {error}") from error
    try:
        contents: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds
        raise Corrupt(f"{path.name} does not hold what a file of torch holds: {error}") from error
    return _tensors_of(path, contents)


def _check_archive(path: Path, archive: zipfile.ZipFile, num_bytes: int) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    pickles = [part for part in parts if part.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or len(parts) > MAX_PARTS or len(set(names)) < len(names):
        raise NotWeights(f"{path.name} is a zip archive, but not one that torch writes")
    if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
        raise TooLarge(f"{path.name} is compressed, which torch never does: it may grow without bounds")
    if sum(part.file_size for part in parts) > num_bytes or pickles[0].file_size > MAX_PICKLE_BYTES:
        raise TooLarge(f"{path.name} would be larger in memory than on disk")
    broken = archive.testzip()
    if broken is not None:
        raise Corrupt(f"{path.name} is damaged: the checksum of {broken} is wrong")
    _check_pickle(path, archive.read(pickles[0]))


def _check_pickle(path: Path, pickle: bytes) -> None:
    """Raise CarriesCode if the pickle names anything but tensors; its opcodes are read, not executed."""
    try:
        for opcode, argument, _position in pickletools.genops(pickle):
            if opcode.name in ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"):
                raise CarriesCode(f"{path.name} names code in a way that no file of weights does")
            if opcode.name == "GLOBAL" and str(argument).replace(" ", ".") not in _TENSOR_WORDS:
                word = str(argument).replace(" ", ".")
                raise CarriesCode(f"{path.name} asks for {word} to be called; nothing of it was run")
    except ValueError as error:
        raise Corrupt(f"{path.name} holds an unreadable pickle: {error}") from error


def _tensors_of(path: Path, contents: object) -> dict[str, Tensor]:
    """The state dict, under the key of the released files or at the top level; other entries are ignored."""
    outer = _dictionary(contents)
    state = _dictionary(outer.get(RELEASED_ROOT, outer))
    if not state:
        raise NotWeights(f"{path.name} holds no dictionary of weights")
    strangers = [
        str(name) for name, value in state.items() if not (isinstance(name, str) and isinstance(value, Tensor))
    ]
    if strangers:
        raise NotWeights(f"{path.name} holds things that are no weights, such as {strangers[0]!r}")
    return dict(state)


def _dictionary(value: object) -> dict[Any, Any]:
    """The value, or an empty dictionary where it is anything else."""
    return cast("dict[Any, Any]", value) if isinstance(value, dict) else {}
