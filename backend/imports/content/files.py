"""The files of a dataset: those in a zip, those in a folder, or a single one.

Nothing is ever unpacked: a zip's files are read where they are, so that no name in it can lead anywhere. How much comes
out is counted, because a small zip may hold a thousand times its size.
"""

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from backend.imports.problems import UnreadableDataset

_MAX_DIRECTORY_BYTES = 48 * 1024**2  # of a zip's list of its files, which is read into memory
_MAX_FILES = 500_000
_MAX_GROWTH = 100  # times its size that a zip may unpack to; run lengths as text become a tenth at most
_FREE_GROWTH_BYTES = 1024**3  # whatever its size
MAX_WHOLE_BYTES = 64 * 1024**2  # of a file that is read at once
_END_OF_ZIP, _ZIP64_LOCATOR, _ZIP64_END = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_PIECE_BYTES = 256 * 1024


class Stopped(Exception):
    """Nobody wants the dataset any more."""


@dataclass(slots=True)
class Meter:
    """How much was read so far of about how much. `wanted` turns false when the reading should stop."""

    num_bytes: int = 0
    of_bytes: int = 0
    wanted: bool = True

    def add(self, num_bytes: int) -> None:
        """Count what was read.

        Raises:
            Stopped: nobody wants it any more.
        """
        self.num_bytes += num_bytes
        if not self.wanted:
            raise Stopped


@dataclass(frozen=True, slots=True)
class ListedFile:
    """What a manifest says of a file."""

    num_bytes: int
    sha256: str


class _Stored(Protocol):
    """Where the files lie."""

    def sizes(self) -> Mapping[str, int]: ...

    def open(self, name: str, /) -> BinaryIO: ...


@dataclass(slots=True)
class DatasetFiles:
    """Files by their paths in the dataset, in order of path."""

    _stored: _Stored
    _left: int  # bytes that may still come out
    meter: Meter
    listed: Mapping[str, ListedFile] = field(default_factory=dict[str, ListedFile])
    """What the dataset's own manifest says of its files. Those that are read are compared with it."""

    @property
    def names(self) -> list[str]:
        return sorted(self._stored.sizes())

    def __contains__(self, name: str) -> bool:
        return name in self._stored.sizes()

    def size(self, name: str) -> int:
        return self._stored.sizes()[name]

    def read(self, name: str) -> bytes:
        """A whole file, which must be small.

        Raises:
            UnreadableDataset: it is too large, damaged, or another one than the manifest says.
        """
        if self.size(name) > MAX_WHOLE_BYTES:
            raise UnreadableDataset(f"{name} is larger than {MAX_WHOLE_BYTES // 1024**2} MB.")
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file from beginning to end.

        Raises:
            UnreadableDataset: it is damaged, unpacks to too much, or is another one than the manifest says.
        """
        digest = hashlib.sha256()
        with _told(name), self._stored.open(name) as file:
            while piece := file.read(_PIECE_BYTES):
                self._left -= len(piece)
                if self._left < 0:
                    raise UnreadableDataset(f"{name} unpacks to far more than the size of the zip.")
                self.meter.add(len(piece))
                digest.update(piece)
                yield piece
        if (told := self.listed.get(name)) is not None and told.sha256 != digest.hexdigest():
            raise UnreadableDataset(
                f"{name} is not the file that manifest.json lists: it was changed after the export. "
                "Without manifest.json the dataset can be imported as it is."
            )

    def sha256(self, name: str) -> str:
        if (told := self.listed.get(name)) is not None:
            return told.sha256
        digest = hashlib.sha256()
        for piece in self.pieces(name):
            digest.update(piece)
        return digest.hexdigest()


@contextmanager
def open_dataset(path: Path, *, name: str, meter: Meter) -> Generator[DatasetFiles]:
    """The files of a dataset that lies on the disk: a folder, a zip, or one document called `name`.

    Raises:
        UnreadableDataset: it is none of these, too large, or has a file whose name leads out of it.
    """
    if path.is_dir():
        yield DatasetFiles(_Folder(path), 1 << 62, meter)
        return
    num_bytes = path.stat().st_size
    meter.of_bytes = num_bytes
    if not zipfile.is_zipfile(path):
        yield DatasetFiles(_OneFile(path, name), num_bytes * 8, meter)
        return
    if _directory_bytes(path) > _MAX_DIRECTORY_BYTES:
        raise UnreadableDataset(f"The zip lists more files than can be imported at once ({_MAX_FILES:,}).")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise UnreadableDataset(f"The zip is damaged: {error}.") from None
    with archive:
        left = max(_FREE_GROWTH_BYTES, num_bytes * _MAX_GROWTH)
        yield DatasetFiles(_Zip(archive), left, meter)


class _Zip:
    """Files in a zip."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._files: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            if not info.is_dir() and not _is_left_by_a_system(info.filename):
                _require_safe(info)
                if info.filename in self._files:
                    raise UnreadableDataset(f"The zip has two files called {info.filename}.")
                self._files[info.filename] = info
        if len(self._files) > _MAX_FILES:
            raise UnreadableDataset(f"The zip has {len(self._files):,} files; at most {_MAX_FILES:,} can be imported.")
        self._sizes = {name: info.file_size for name, info in self._files.items()}

    def sizes(self) -> Mapping[str, int]:
        return self._sizes

    def open(self, name: str) -> BinaryIO:
        opened = self._archive.open(self._files[name])
        return io.BufferedReader(opened)  # pyright: ignore[reportArgumentType, reportReturnType]


class _Folder:
    """Files below a folder of the server's own disk."""

    def __init__(self, root: Path) -> None:
        found = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        self._paths = {path.relative_to(root).as_posix(): path for path in found}
        self._sizes = {name: path.stat().st_size for name, path in self._paths.items()}

    def sizes(self) -> Mapping[str, int]:
        return self._sizes

    def open(self, name: str) -> BinaryIO:
        return self._paths[name].open("rb")


class _OneFile:
    """A single document."""

    def __init__(self, path: Path, name: str) -> None:
        if not name.lower().endswith((".json", ".xml")):
            raise UnreadableDataset(f"{name} is neither a zip nor a document of JSON or XML.")
        self._path, self._sizes = path, {name: path.stat().st_size}

    def sizes(self) -> Mapping[str, int]:
        return self._sizes

    def open(self, _name: str) -> BinaryIO:
        return self._path.open("rb")


def _require_safe(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or ".." in parts or (len(name) > 1 and name[1] == ":"):
        raise UnreadableDataset(f"The zip has a file whose name leads out of it: {name[:200]!r}.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableDataset(f"{name} is a link. A dataset holds files alone.")
    if info.flag_bits & 1:
        raise UnreadableDataset(f"{name} is encrypted.")


def _is_left_by_a_system(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


@contextmanager
def _told(name: str) -> Generator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDataset(f"{name} is damaged in the zip: {error}.") from None


def _directory_bytes(path: Path) -> int:
    """The size of a zip's list of files, before it is read."""
    with path.open("rb") as file:
        end = file.seek(0, io.SEEK_END)
        start = max(0, end - 65_557)
        file.seek(start)
        tail = file.read()
        at = tail.rfind(_END_OF_ZIP)
        if at < 0 or len(tail) - at < 22:
            return 0  # the library will say what is wrong with it
        (size,) = struct.unpack_from("<L", tail, at + 12)
        locator = at - 20
        if size != 0xFFFFFFFF or locator < 0 or tail[locator : locator + 4] != _ZIP64_LOCATOR:
            return size
        (offset,) = struct.unpack_from("<Q", tail, locator + 8)
        file.seek(offset)
        record = file.read(56)
    if len(record) < 56 or record[:4] != _ZIP64_END:
        return 0
    return struct.unpack_from("<Q", record, 40)[0]
