"""JSON documents with more entries than fit into memory: they grow as lines in a file, one entry each."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_COPIED_BYTES = 64 * 1024


class Spool:
    """The entries of one list of a document, or the members of one object if they have keys."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._keyed = False
        self.length = 0

    def add(self, entry: Any, *, key: str | None = None) -> None:
        """Add an entry; all of a spool have a key, or none has."""
        name = "" if key is None else f"{_text(key)}: "
        self._keyed = key is not None
        self._file.write((",\n" if self.length else "").encode() + f"{name}{_text(entry)}".encode())
        self.length += 1

    def write_to(self, document: Any) -> None:
        """Append all to a file that is open for bytes, and close the spool."""
        document.write(b"{\n" if self._keyed else b"[\n")
        self._file.seek(0)
        while block := self._file.read(_COPIED_BYTES):
            document.write(block)
        document.write(b"\n}" if self._keyed else b"\n]")
        self._file.close()


class SpooledDocuments:
    """A document for every split that has videos. `lists` names what grows in each of them."""

    def __init__(self, folder: Path, *lists: str) -> None:
        self._folder = folder
        self._lists = lists
        self._documents: dict[str, dict[str, Spool]] = {}

    def of(self, split: str) -> Mapping[str, Spool]:
        """The lists of one split, by name."""
        if split not in self._documents:
            self._documents[split] = {each: Spool(self._folder / f"{split}.{each}.spool") for each in self._lists}
        return self._documents[split]

    def written(self, head: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
        """Write each split's document. Its split and path."""
        for split, spools in sorted(self._documents.items()):
            yield split, write_document(self._folder / f"{split}.json", head, spools)


def write_document(path: Path, head: Mapping[str, Any], spools: Mapping[str, Spool]) -> Path:
    """Write one JSON object: short values first, then what was spooled. Returns the path."""
    with path.open("wb") as document:
        separator = b"{\n"
        for name, value in head.items():
            document.write(separator + f"{_text(name)}: {_text(value)}".encode())
            separator = b",\n"
        for name, spool in spools.items():
            document.write(separator + f"{_text(name)}: ".encode())
            spool.write_to(document)
            separator = b",\n"
        document.write(b"\n}\n")
    return path


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
