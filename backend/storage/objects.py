"""Objects in a local folder, through the interface an S3-compatible store offers too.

A key is made by the server, never by a person, and holds the digest of its content: writing it twice
is harmless, and what is read once may be kept for ever. The store's own asynchronous calls may abort
the interpreter when it exits right after one, so its blocking calls run in threads.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore

_PIECE_BYTES = 1024 * 1024


class ObjectStore:
    """One folder of objects; a missing key raises `FileNotFoundError`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._store = LocalStore(self._folder, mkdir=True, automatic_cleanup=True)

    async def put(self, key: str, content: Path | bytes) -> None:
        """Store a file's or a string's bytes; an object already there is the same one and stays."""
        await asyncio.to_thread(self._put, key, content)

    async def read(self, key: str) -> bytes:
        """The whole object; for small ones."""
        result = await asyncio.to_thread(obstore.get, self._store, key)
        return bytes(await asyncio.to_thread(result.bytes))

    async def size(self, key: str) -> int:
        """Bytes."""
        meta: Any = await asyncio.to_thread(obstore.head, self._store, key)
        return int(meta["size"])

    async def stream(self, key: str, *, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces of at most a megabyte."""
        while start < end:
            stop = min(end, start + _PIECE_BYTES)
            yield bytes(await asyncio.to_thread(obstore.get_range, self._store, key, start=start, end=stop))
            start = stop

    async def delete_under(self, prefix: str) -> None:
        """Delete every object below a prefix; none is fine."""
        await asyncio.to_thread(self._delete_under, prefix)

    def local_path(self, key: str) -> Path:
        """Where the object lies on this machine's disk, for a process that needs a file."""
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError(f"{key!r} leaves the store")
        return path

    def _put(self, key: str, content: Path | bytes) -> None:
        try:
            obstore.put(self._store, key, content, mode="create")
        except AlreadyExistsError:
            return

    def _delete_under(self, prefix: str) -> None:
        # obstore's stub leaves open what it lists.
        batches: Iterable[Sequence[Any]] = obstore.list(self._store, prefix)  # pyright: ignore[reportUnknownMemberType]
        paths = [str(entry["path"]) for batch in batches for entry in batch]
        if paths:
            obstore.delete(self._store, paths)


def video_prefix(video_id: UUID) -> str:
    """Below this lie all objects of one video."""
    return f"v/{video_id}"


def video_key(video_id: UUID, sha256: str, name: str) -> str:
    """The key of one of a video's objects; `name` is the server's word for it, never a person's file name."""
    return f"{video_prefix(video_id)}/{sha256}/{name}"


def export_prefix(project_id: UUID) -> str:
    """Below this lie all datasets written from one project."""
    return f"e/{project_id}"


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
