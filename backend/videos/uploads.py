"""Receive a file straight to disk, hashed on the way and never whole in memory."""

import asyncio
import hashlib
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, BinaryIO, Protocol
from uuid import UUID, uuid4

from fastapi import Depends, Header, Query, Request
from starlette.requests import ClientDisconnect

from backend.auth.actor import Actor
from backend.outage import DiskFull
from backend.settings import Settings
from backend.storage.room import room_for
from backend.storage.staging_area import work_folder
from backend.videos.problems import LengthRequired, UploadCutOff

_BATCH_BYTES = 1024 * 1024
_LONGEST_NAME = 255

_to_come: dict[Path, int] = {}
"""Bytes that uploads to this process still have to send, by their folders. There must be room for all of them."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a request tells about the file that it will send."""

    id: UUID
    actor_id: UUID
    name: str
    num_bytes: int
    staging: Path  # a folder for this upload alone


async def _announced(
    filename: Annotated[str, Query(min_length=1, max_length=1024)],
    request: Request,
    actor: Actor,
    idempotency_key: Annotated[UUID | None, Header()] = None,
) -> Announced:
    length = request.headers.get("content-length")
    if length is None:
        raise LengthRequired
    settings: Settings = request.state.settings
    return Announced(
        id=idempotency_key or uuid4(),
        actor_id=actor.user_id,
        name=display_name(filename),
        num_bytes=int(length),
        staging=settings.staging_dir / f"upload-{uuid4()}",
    )


Upload = Annotated[Announced, Depends(_announced)]
"""The announced file. The idempotency key becomes the id of what is made of it."""

_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
BINARY_BODY = {"requestBody": {"required": True, "content": _BINARY}}
"""How a route with such a body is described."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    path: Path
    num_bytes: int
    sha256: str


@asynccontextmanager
async def received(chunks: AsyncIterator[bytes], announced: Announced) -> AsyncGenerator[ReceivedFile]:
    """The uploaded file, on disk while the block lasts.

    Raises:
        UploadCutOff: the number of bytes that arrived is not the announced one.
        DiskFull: it would take the room that the database and people's edits need.
        OSError: the file does not fit on the disk.
    """
    announced.staging.parent.mkdir(parents=True, exist_ok=True)
    if not room_for(announced.staging.parent, announced.num_bytes + sum(_to_come.values())):
        raise DiskFull(f"The disk has no room for a file of {announced.num_bytes // 1024**2} MB.")
    _to_come[announced.staging] = announced.num_bytes
    try:
        async with work_folder(announced.staging) as staging:
            path = staging / "source"
            digest = hashlib.sha256()
            total = 0
            with path.open("wb") as file:
                async for batch in _batches(chunks):
                    total += len(batch)
                    _to_come[announced.staging] = max(0, announced.num_bytes - total)
                    if not room_for(staging, 0):  # others write there as well
                        raise DiskFull(f"The disk has no more room for a file of {announced.num_bytes // 1024**2} MB.")
                    await asyncio.to_thread(_take, batch, file, digest)
            if total != announced.num_bytes:
                raise UploadCutOff(f"{total} of {announced.num_bytes} bytes arrived.")
            yield ReceivedFile(path, total, digest.hexdigest())
    except ClientDisconnect:
        raise UploadCutOff from None
    finally:
        del _to_come[announced.staging]


def display_name(filename: str) -> str:
    """The last part of a file name as a label: printable, at most 255 characters, never a path."""
    last = PureWindowsPath(PurePosixPath(filename).name).name
    printable = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable()).strip()
    return printable[:_LONGEST_NAME] or "video"


async def _batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger pieces, because a thread switch per network packet would cost more than the write."""
    batch = bytearray()
    async for chunk in chunks:
        batch += chunk
        if len(batch) >= _BATCH_BYTES:
            yield bytes(batch)
            batch.clear()
    if batch:
        yield bytes(batch)


class Digest(Protocol):
    """A hash object of `hashlib`."""

    def update(self, data: bytes, /) -> None: ...


def _take(batch: bytes, file: BinaryIO, digest: Digest) -> None:
    file.write(batch)
    digest.update(batch)
