"""A folder of models: `NAME.json` is the description, the file it names holds the weights.

A model exists when its description does, which is written last and atomically. Anything else in the folder - a partial
copy, an interrupted download, weights without a description - is not a model.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

from model_server.models.catalogue.entry import BadEntry, Entry, checked_name


class UnknownModel(FileNotFoundError):
    """No model has this name."""


class AlreadyThere(Exception):
    """Another model has this name."""


class Catalogue:
    """The models in a folder, which is created when the first is added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[Entry]:
        """Sorted by name. Descriptions that cannot be read are skipped; `faults` lists them."""
        return sorted(
            (found for _path, found in self._read() if isinstance(found, Entry)), key=lambda entry: entry.name
        )

    def faults(self) -> dict[str, str]:
        """The descriptions that cannot be read, by name, each with the reason."""
        return {path.stem: str(found) for path, found in self._read() if isinstance(found, BadEntry)}

    def find(self, name: str) -> Entry:
        """The entry of this name. Raises UnknownModel."""
        for entry in self.entries():
            if entry.name == name:
                return entry
        raise UnknownModel(f"there is no model {name!r} in {self.folder}")

    def weights(self, entry: Entry) -> Path:
        """Path of the weights, which may have been removed."""
        return self.folder / entry.file

    def install(self, entry: Entry, weights: Path) -> None:
        """Install a checked file, already in the folder, as the weights of an entry.

        Raises AlreadyThere if another model has the name; installing the same weights again changes nothing.
        """
        description = self._description(entry.name)
        if description.exists():
            self._expect_same(entry, weights)
            return
        os.replace(weights, self.weights(entry))
        with self.temporary(".json") as written:
            written.write_text(entry.to_json(), encoding="utf-8")
            flush(written)
            try:
                os.link(written, description)  # unlike a rename, it never replaces an existing file
            except FileExistsError:
                self._drop_unless_described(entry)
                self._expect_same(entry, weights)
        flush(self.folder)

    def remove(self, name: str) -> Entry:
        """Delete the description, then the weights; processes that have loaded them keep them. Raises UnknownModel."""
        entry = self.find(name)
        self._description(name).unlink(missing_ok=True)
        self._drop_unless_described(entry)
        flush(self.folder)
        return entry

    @contextmanager
    def temporary(self, suffix: str) -> Generator[Path]:
        """An empty file in the folder, removed at the end of the context unless it has been moved."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(prefix=".adding-", suffix=suffix, dir=self.folder)
        os.close(handle)
        path = Path(name)
        path.chmod(0o644)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _drop_unless_described(self, entry: Entry) -> None:
        if all(other.file != entry.file for other in self.entries()):
            self.weights(entry).unlink(missing_ok=True)

    def _expect_same(self, entry: Entry, weights: Path) -> None:
        there = self.find(entry.name)
        if there.digest != entry.digest:
            raise AlreadyThere(f"{entry.name} is there already, with other weights ({there.version})")
        if not self.weights(there).is_file():
            os.replace(weights, self.weights(there))  # they had been removed: this restores the entry

    def _description(self, name: str) -> Path:
        return self.folder / f"{checked_name(name)}.json"

    def _read(self) -> Iterator[tuple[Path, Entry | BadEntry]]:
        for path in sorted(self.folder.glob("*.json")):
            try:
                entry = Entry.from_json(path.read_text(encoding="utf-8"))
                found = entry if entry.name == path.stem else BadEntry(f"{path.name} describes {entry.name}")
            except FileNotFoundError:
                continue  # it was removed just now
            except (OSError, UnicodeDecodeError) as error:
                found = BadEntry(str(error))
            except BadEntry as error:
                found = error
            yield path, found


def flush(path: Path) -> None:
    """Flush the contents of a file, or the names in a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
