"""Zip archives whose bytes depend only on their content."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can hold
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

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, name: str, content: bytes | Path) -> ArchivedFile:
        """Add one file. Returns its size and SHA-256."""
        info = zipfile.ZipInfo(name, _EPOCH)
        info.external_attr = 0o644 << 16
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
