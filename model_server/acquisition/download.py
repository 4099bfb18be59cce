"""Downloads a large file over HTTP, resuming where it stopped and rejecting web pages."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO

import aiohttp

_CHUNK = 2**20
_SPARE_BYTES = 64 * 2**20
_MOST_FAILURES = 5  # in a row, without a byte between them
_LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
_NETWORK = (aiohttp.ClientError, TimeoutError, OSError)

Progress = Callable[[int, int | None], None]
"""Called with the bytes received and, if the server states it, the total."""


class DownloadError(Exception):
    """The file could not be downloaded; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Partial:
    """An unfinished download: its bytes, and a note next to them of what they belong to."""

    path: Path

    @property
    def note(self) -> Path:
        """Path of the note: address and validator of the bytes."""
        return self.path.with_name(f"{self.path.name}.json")

    def resumable(self, url: str) -> tuple[int, str | None]:
        """Number of bytes present from this address, and the server's validator of that version; (0, None) if none."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            if note["url"] == url and note["validator"]:
                return self.path.stat().st_size, str(note["validator"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, None

    def begin(self, url: str, validator: str | None) -> None:
        """Start again from the first byte."""
        self.path.write_bytes(b"")
        self.note.write_text(json.dumps({"url": url, "validator": validator}), encoding="utf-8")

    def discard(self) -> None:
        """Delete the bytes and the note."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


@contextmanager
def held(partial: Partial) -> Generator[None]:
    """Hold the lock of a download. Raises DownloadError if another process holds it."""
    partial.path.parent.mkdir(parents=True, exist_ok=True)
    with partial.path.with_name(f"{partial.path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadError("another download of this model is going on") from error
        yield


async def download(url: str, partial: Partial, *, max_bytes: int, progress: Progress, pause_seconds: float = 1) -> None:
    """Download the whole file to `partial.path`, resuming from what is there. Raises DownloadError.

    A broken connection is retried as long as it makes progress. The proxies of the environment are used.
    """
    failures = 0
    async with aiohttp.ClientSession(trust_env=True, timeout=_LIMITS, auto_decompress=False) as http:
        while True:
            before = partial.resumable(url)[0]
            try:
                if await _attempt(http, url, partial, max_bytes, progress):
                    return
                error: Exception | None = None
            except _NETWORK as caught:
                error = caught
            failures = 0 if partial.resumable(url)[0] > before else failures + 1
            if failures >= _MOST_FAILURES or _never_reached(error, partial, url):
                raise DownloadError(_explain(url, partial, error)) from error
            await asyncio.sleep(pause_seconds * failures)


async def _attempt(http: aiohttp.ClientSession, url: str, partial: Partial, max_bytes: int, progress: Progress) -> bool:
    """Try once; returns whether the file is complete. A server may end a body early without an error."""
    have, validator = partial.resumable(url)
    headers = {"Accept-Encoding": "identity"}
    if have and validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    async with http.get(url, headers=headers) as response:
        if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            if _range_of(response) == (None, have):
                return True
            partial.discard()
            return False
        if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            raise DownloadError(f"{url} answers {response.status} {response.reason or ''}".rstrip())
        if response.content_type == "text/html":
            raise DownloadError(
                f"{url} answers with a web page instead of weights: a proxy, or a network that wants you to sign in"
            )
        first, total = _range_of(response) if response.status == HTTPStatus.PARTIAL_CONTENT else (0, None)
        if first != (have if response.status == HTTPStatus.PARTIAL_CONTENT else 0):
            partial.discard()
            return False
        if response.status == HTTPStatus.OK:
            have, total = 0, response.content_length
            partial.begin(url, _validator(response))
        _check_room(partial.path, have, total, max_bytes)
        with partial.path.open("ab") as file:
            have = await _receive(response, file, have, max_bytes, lambda here: progress(here, total))
    return total is None or have == total


async def _receive(
    response: aiohttp.ClientResponse, file: IO[bytes], have: int, max_bytes: int, progress: Callable[[int], None]
) -> int:
    """Append the body; what was received is on disk however this ends."""
    progress(have)
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            have += len(chunk)
            if have > max_bytes:
                raise DownloadError(f"the server sends more than {max_bytes / 1e9:.1f} GB; no checkpoint is so large")
            file.write(chunk)
            progress(have)
    finally:
        file.flush()
        os.fsync(file.fileno())
    return have


def _range_of(response: aiohttp.ClientResponse) -> tuple[int | None, int | None]:
    """First byte and total of a Content-Range, each None if not stated."""
    stated = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", ""))
    if stated is None:
        return None, None
    first, total = stated[1], stated[2]
    return None if first is None else int(first), None if total == "*" else int(total)


def _validator(response: aiohttp.ClientResponse) -> str | None:
    """A strong validator: parts of different versions must never be joined."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _check_room(path: Path, have: int, total: int | None, max_bytes: int) -> None:
    if total is None:
        return
    if total > max_bytes:
        raise DownloadError(f"the file has {total / 1e9:.1f} GB; no checkpoint is so large")
    # The download is moved into place, not copied, so it needs space only once.
    free = shutil.disk_usage(path.parent).free
    if total - have + _SPARE_BYTES > free:
        raise DownloadError(f"{(total - have) / 1e6:.0f} MB are to come, the disk has {free / 1e6:.0f} MB left")


def _never_reached(error: Exception | None, partial: Partial, url: str) -> bool:
    """Whether no connection was ever made, so that retrying is pointless."""
    return isinstance(error, aiohttp.ClientConnectorError) and partial.resumable(url)[0] == 0


def _explain(url: str, partial: Partial, error: Exception | None) -> str:
    have = partial.resumable(url)[0]
    reason = f"{type(error).__name__}: {error}".rstrip(": ") if error is not None else "the server ends it early"
    if have:
        return f"the download broke off after {have / 1e6:.0f} MB ({reason}); the same command goes on from there"
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientProxyConnectionError):
        host = re.sub(r"^\w+://([^/]+).*", r"\1", url)
        return (
            f"cannot reach {host}: this machine seems to be offline ({reason}). "
            f"Fetch {url} elsewhere and give the file to `maskloom models add`"
        )
    return f"cannot download {url} ({reason})"
