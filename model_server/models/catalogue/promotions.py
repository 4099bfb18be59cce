"""The default model of the catalogue: a log of promotions and roll-backs, one line per decision.

The log shows who chose which model and when. Without a promotion in effect, the default is the model named in the
server's settings.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue, UnknownModel, flush

LOG = "promotions.jsonl"


class NothingToRollBack(Exception):
    """No promotion is in effect."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the log: the model that became the default, null for the one in the settings."""

    kind: Literal["promoted", "rolled-back"]
    model: str | None
    version: str | None
    at: str
    """ISO 8601, UTC."""
    by: str | None
    """Who decided, if known."""


class Promotions:
    """The decisions about a catalogue, reread when the file has changed, since other processes decide too."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._folder = catalogue.folder
        self._path = catalogue.folder / LOG
        self._read_at: tuple[int, int, int] | None = None
        self._known: tuple[Decision, ...] = ()

    def history(self) -> Sequence[Decision]:
        """All decisions, oldest first. A line truncated by a crash is ignored."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._read_at, self._known = None, ()
            return ()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if stamp != self._read_at:
            self._known = tuple(_decisions(self._path))
            self._read_at = stamp
        return self._known

    def current(self) -> Decision | None:
        """The promotion in effect; None if the settings decide."""
        standing = _standing(self.history())
        return standing[-1] if standing else None

    def promote(self, entry: Entry, *, by: str | None = None) -> Decision:
        """Make a model the default. Promoting the default again changes nothing."""
        with self._held():
            current = self.current()
            if current is not None and (current.model, current.version) == (entry.name, entry.version):
                return current
            return self._append(Decision("promoted", entry.name, entry.version, _now(), by))

    def roll_back(self, *, by: str | None = None) -> Decision:
        """Return to the default before the promotion in effect. Raises NothingToRollBack."""
        with self._held():
            standing = _standing(self.history())
            if not standing:
                raise NothingToRollBack("the default model was never promoted, or every promotion was rolled back")
            before = standing[-2] if len(standing) > 1 else None
            model, version = (None, None) if before is None else (before.model, before.version)
            return self._append(Decision("rolled-back", model, version, _now(), by))

    def check_removable(self, name: str) -> None:
        """Raise UnknownModel for the default model, on which projects without a choice depend."""
        current = self.current()
        if current is not None and current.model == name:
            raise UnknownModel(f"{name} is the default model: promote another or roll back first")

    @contextmanager
    def _held(self) -> Generator[None]:
        """Lock the log, so that decisions of all processes are serialised."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f".{LOG}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _append(self, decision: Decision) -> Decision:
        line = json.dumps(asdict(decision), ensure_ascii=False) + "\n"
        with self._path.open("a+b") as file:
            if file.tell() and _last_byte(self._path) != b"\n":
                line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        flush(self._folder)
        return decision


def _standing(history: Sequence[Decision]) -> list[Decision]:
    """The promotions that have not been rolled back."""
    standing: list[Decision] = []
    for decision in history:
        if decision.kind == "promoted":
            standing.append(decision)
        elif standing:
            standing.pop()
    return standing


def _decisions(path: Path) -> Iterator[Decision]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            stored = json.loads(line)
            decision = Decision(**{name: stored[name] for name in ("kind", "model", "version", "at", "by")})
        except (ValueError, TypeError, KeyError):
            continue
        if decision.kind == "rolled-back" or (decision.kind == "promoted" and isinstance(decision.model, str)):
            yield decision


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
