"""The entry of a model: what is known of it without opening its weights."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

BUILTIN = "builtin"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class BadEntry(ValueError):
    """A description in the catalogue is unreadable, or a name is invalid."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue."""

    name: str
    file: str
    """The weights, relative to the folder that describes them."""
    digest: str
    """SHA-256 of the weights, hexadecimal."""
    origin: str
    """Where the weights came from: an address, or the name of the file that was added."""
    preset: str
    """The network's configuration."""
    num_parameters: int
    input_size: int
    """Pixels; frames are scaled to a square of this side."""
    num_bytes: int
    added_at: str | None
    """ISO 8601, UTC; null for the built-in model."""
    architecture: str = "sam2"
    card: str = ""
    metrics: dict[str, Any] = field(default_factory=dict[str, Any])
    parent: str | None = None
    """Version of the model that this one was trained from."""

    @property
    def version(self) -> str:
        """First 12 hexadecimal digits of the digest; stored with every mask."""
        return self.digest[:12]

    def to_json(self) -> str:
        """The description that is stored next to the weights."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Entry:
        """The inverse of `to_json`; fields of a later version are ignored. Raises BadEntry."""
        try:
            stored = json.loads(text)
            known = {item.name for item in fields(cls)}
            entry = cls(**{name: value for name, value in stored.items() if name in known})
        except (ValueError, TypeError, AttributeError) as error:
            raise BadEntry(f"not a model's description: {error}") from error
        for item in fields(cls):
            value = getattr(entry, item.name)
            expected = {"int": int, "str": str, "dict[str, Any]": dict, "str | None": (str, type(None))}[str(item.type)]
            if not isinstance(value, expected):
                raise BadEntry(f"{item.name} is {value!r}")
        if Path(entry.file).name != entry.file or not _DIGEST.fullmatch(entry.digest):
            raise BadEntry("the file or the digest is not one of the catalogue's")
        return replace(entry, name=checked_name(entry.name))


def checked_name(name: str) -> str:
    """The name, if it is valid: lower-case letters, digits, dots, dashes, underscores. Raises BadEntry."""
    if not _NAME.fullmatch(name):
        raise BadEntry(f"{name!r} is no name: use small letters, digits, '.', '_' and '-', at most 64")
    return name


def name_from(path: Path) -> str:
    """A valid name derived from that of a file."""
    made = re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._")[:64]
    return made or "model"
