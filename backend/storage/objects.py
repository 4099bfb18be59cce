"""Objects in a local folder, through an interface that S3-compatible stores have as well.

Keys are made by the server, never by a person, and contain the digest of the content: writing an object twice is
harmless, and it may be cached for ever. The store's own asynchronous calls can abort the interpreter if it exits right
after one, so its blocking calls are run in threads.
"""

import asyncio
import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
from obstore.exceptions import AlreadyExistsError, GenericError
from obstore.store import LocalStore

from backend.storage.live_folder import paths_in

_PIECE_BYTES = 1024 * 1024


class ObjectStore:
    """One folder of objects. A missing key raises `FileNotFoundError`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._store = LocalStore(self._folder, mkdir=True, automatic_cleanup=True)

    async def put(self, key: str, content: Path | bytes) -> None:
        """Store a file or bytes. An object that already exists has the same content, and stays."""
        await asyncio.to_thread(self._put, key, content)

    async def read(self, key: str) -> bytes:
        """Read a whole object; meant for small ones."""
        result = await asyncio.to_thread(obstore.get, self._store, key)
        return bytes(await asyncio.to_thread(result.bytes))

    async def size(self, key: str) -> int:
        """An object's size in bytes."""
        meta: Any = await asyncio.to_thread(obstore.head, self._store, key)
        return int(meta["size"])

    async def sizes_under(self, prefixes: Sequence[str]) -> dict[str, int]:
        """Bytes of all objects under these prefixes, by the last part of their keys."""
        return await asyncio.to_thread(self._sizes_under, prefixes)

    async def stream(self, key: str, *, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most one mebibyte."""
        while start < end:
            stop = min(end, start + _PIECE_BYTES)
            yield bytes(await asyncio.to_thread(obstore.get_range, self._store, key, start=start, end=stop))
            start = stop

    async def delete_under(self, prefix: str) -> None:
        """Delete all objects under a prefix, if there are any, and what writes that were killed left there."""
        await asyncio.to_thread(self._delete_under, prefix)

    async def delete(self, key: str) -> None:
        """Delete one object, if it is there."""
        await asyncio.to_thread(self.local_path(key).unlink, missing_ok=True)

    def local_path(self, key: str) -> Path:
        """The path of an object on this machine, for programs that need a file."""
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError(f"{key!r} leaves the store")
        return path

    def _put(self, key: str, content: Path | bytes) -> None:
        try:
            if isinstance(content, bytes):
                obstore.put(self._store, key, content, mode="create")
            elif not self.local_path(key).exists():  # `create` would read the whole file into memory
                obstore.put(self._store, key, content, use_multipart=True)
        except AlreadyExistsError:
            return
        except GenericError as error:
            raise _system_error(error) or error from None

    def _sizes_under(self, prefixes: Sequence[str]) -> dict[str, int]:
        sizes = Counter[str]()
        for prefix in prefixes:
            for path in paths_in(self.local_path(prefix)):
                with suppress(FileNotFoundError):  # deleted meanwhile
                    if not path.is_dir():
                        sizes[path.name] += path.stat().st_size
        return sizes

    def _delete_under(self, prefix: str) -> None:
        # A write that was killed leaves a file that obstore does not list.
        shutil.rmtree(self.local_path(prefix), ignore_errors=True)


def _system_error(error: GenericError) -> OSError | None:
    """The system's error that the store reports in words alone, such as that the disk is full."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return None if found is None else OSError(int(found[1]), os.strerror(int(found[1])))


def video_prefix(video_id: UUID) -> str:
    """The prefix of all objects of one video."""
    return f"v/{video_id}"


def video_key(video_id: UUID, sha256: str, name: str) -> str:
    """The key of one of a video's objects. `name` is the server's, never a person's file name."""
    return f"{video_prefix(video_id)}/{sha256}/{name}"


def export_prefix(project_id: UUID) -> str:
    """The prefix of all datasets of one project."""
    return f"e/{project_id}"


def dataset_prefix(project_id: UUID, export_id: UUID) -> str:
    """The prefix of all objects of one dataset."""
    return f"{export_prefix(project_id)}/{export_id}"


def imports_prefix(project_id: UUID) -> str:
    """The prefix of all imports of one project."""
    return f"i/{project_id}"


def import_prefix(project_id: UUID, import_id: UUID) -> str:
    """The prefix of all objects of one import."""
    return f"{imports_prefix(project_id)}/{import_id}"


def import_key(project_id: UUID, import_id: UUID, sha256: str, name: str) -> str:
    """The key of one of an import's objects. `name` is the server's."""
    return f"{import_prefix(project_id, import_id)}/{sha256}/{name}"


def sha256_of(path: Path) -> str:
    """A file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
