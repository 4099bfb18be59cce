"""Zip archives whose bytes depend only on their content, written in memory that does not grow with the files."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can hold
_RIGHTS = 0o644 << 16
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file in the archive."""

    path: str
    bytes: int
    sha256: str


class Archive:
    """A zip that is being written, uncompressed: video does not get smaller, and readers can seek in it."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._entries = _Entries()
        # Two million entries would take gigabytes in the module's own list and table of names.
        self._zip.filelist = self._entries  # type: ignore[assignment]
        self._zip.NameToInfo = _Forgetful()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write the directory, which takes seconds for very many files. Again, it does nothing."""
        self._zip.close()
        self._entries.close()

    def add(self, name: str, content: bytes | Path) -> ArchivedFile:
        """Add one file. Returns its size and SHA-256."""
        info = _entry(name)
        if isinstance(content, bytes):
            self._zip.writestr(info, content)
            size, digest = len(content), hashlib.sha256(content).hexdigest()
        else:
            info.file_size = size = content.stat().st_size
            hashed = hashlib.sha256()
            with content.open("rb") as source, self._zip.open(info, "w") as target:
                while block := source.read(_READ_BYTES):
                    hashed.update(block)
                    target.write(block)
            digest = hashed.hexdigest()
        return ArchivedFile(name, size, digest)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.external_attr = _RIGHTS
    return info


class _Entries(list[zipfile.ZipInfo]):
    """What `zipfile` keeps of the files for the directory at the end, on disk. It appends, counts, and goes through."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def append(self, entry: zipfile.ZipInfo, /) -> None:
        kept = (entry.filename, entry.header_offset, entry.CRC, entry.file_size, entry.compress_size, entry.flag_bits)
        self._file.write(json.dumps(kept) + "\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._file.seek(0)
        for line in self._file:
            name, *numbers = json.loads(line)
            entry = _entry(name)
            entry.header_offset, entry.CRC, entry.file_size, entry.compress_size, entry.flag_bits = numbers
            yield entry

    def close(self) -> None:
        self._file.close()


class _Forgetful(dict[str, Any]):
    """`zipfile` looks names up in it to warn of doubles, which exports do not have."""

    def __setitem__(self, name: str, entry: object, /) -> None:
        pass
