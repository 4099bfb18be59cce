"""Requests to a running Maskloom: problems become exceptions, lost connections are tried again, lists come whole."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx

from backend.terminal import TerminalError

OnProgress = Callable[[int, int], None]
"""Called with what is done and the total; the total is 0 while nobody knows it."""

_TRIES = 5
_SECONDS_BETWEEN_TRIES = 1.0
_NO_PROXY = {f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")}  # a proxy is another machine
_TIMEOUT = httpx.Timeout(60, connect=10)
_READ_BYTES = 1024 * 1024
_PARTIAL = 206
_BUSY = {429, 502, 503, 504}  # it may be better in a moment; each request can be repeated by its key


def unwatched(_done: int, _total: int) -> None:
    """Nobody watches the progress."""


class SiteProblem(TerminalError):
    """The site answered with a problem. The message is what it says."""

    def __init__(self, status: int, title: str, detail: str = "", slug: str = "") -> None:
        super().__init__(f"{title}: {detail}" if detail and detail != title else title)
        self.status = status
        self.slug = slug


class SiteUnreachable(TerminalError):
    """Nothing answers at the address, or not any more."""


class SiteConnection:
    """One site's API under an API token. `address` is like https://maskloom.example."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=self.address, headers=headers, timeout=_TIMEOUT, mounts=_NO_PROXY)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        return self._request("GET", path).json()

    def every(self, path: str) -> Iterator[Any]:
        """All entries of a list, page after page."""
        following: str | None = f"{path}{'&' if '?' in path else '?'}limit=500"
        while following is not None:
            answer = self._request("GET", following)
            yield from answer.json()
            following = answer.links.get("next", {}).get("url")

    def send(
        self, method: str, path: str, body: Any = None, *, key: UUID | None = None, version: int | None = None
    ) -> Any:
        """Send a JSON body. The key, which is made up if none is given, makes it safe to repeat.

        `version` is that of what is edited, where the API wants to know it.
        """
        headers = {"Idempotency-Key": str(key or uuid4())} | ({} if version is None else {"If-Match": f'"{version}"'})
        answer = self._request(method, path, json=body, headers=headers)
        return answer.json() if answer.content else None

    def upload(
        self, path: str, file: Path, *, name: str, key: UUID | None = None, on_progress: OnProgress = unwatched
    ) -> Any:
        """Send a file as the body, from the disk. It is sent again whole if the connection breaks."""
        size, settled = file.stat().st_size, key or uuid4()

        def content() -> Iterator[bytes]:
            sent = 0
            with file.open("rb") as source:
                while block := source.read(_READ_BYTES):
                    sent += len(block)
                    yield block
                    on_progress(sent, size)

        headers = {"Idempotency-Key": str(settled), "Content-Length": str(size)}
        return self._request("POST", f"{path}?filename={quote(name)}", make_content=content, headers=headers).json()

    def download(self, path: str, target: Path, *, size: int, on_progress: OnProgress) -> None:
        """Fetch a file that never changes, from the byte on that is missing in the target. Broken off, it goes on.

        Raises:
            SiteProblem: it is not there any more.
            SiteUnreachable: the connection broke again and again without a byte. What has arrived stays.
        """
        tries = 0
        while (have := target.stat().st_size if target.exists() else 0) < size:
            on_progress(have, size)
            try:
                self._append(path, target, have, lambda now: on_progress(now, size))
            except httpx.TransportError as error:
                tries = 0 if target.exists() and target.stat().st_size > have else tries + 1
                if tries == _TRIES:
                    raise self._unreachable(error) from None
                time.sleep(_SECONDS_BETWEEN_TRIES * tries)
        on_progress(size, size)

    def _append(self, path: str, target: Path, have: int, on_progress: Callable[[int], None]) -> None:
        with self._http.stream("GET", path, headers={"Range": f"bytes={have}-"}) as answer:
            if answer.is_error:
                answer.read()
                raise _problem_in(answer)
            with target.open("ab" if answer.status_code == _PARTIAL else "wb") as file:
                for block in answer.iter_bytes():
                    file.write(block)
                    on_progress(file.tell())

    def _request(
        self, method: str, path: str, *, make_content: Callable[[], Iterator[bytes]] | None = None, **more: Any
    ) -> httpx.Response:
        for tries in range(1, _TRIES + 1):
            content = {} if make_content is None else {"content": make_content()}
            try:
                answer = self._http.request(method, path, **content, **more)
            except httpx.TransportError as error:
                if tries == _TRIES or isinstance(error, httpx.ConnectError):
                    raise self._unreachable(error) from None
            else:
                if not answer.is_error:
                    return answer
                if answer.status_code not in _BUSY or tries == _TRIES:
                    raise _problem_in(answer)
            time.sleep(_SECONDS_BETWEEN_TRIES * tries)
        raise AssertionError("the last try returns or raises")

    def _unreachable(self, error: httpx.TransportError) -> SiteUnreachable:
        return SiteUnreachable(f"Maskloom does not answer at {self.address}: {str(error) or type(error).__name__}.")


def _problem_in(answer: httpx.Response) -> SiteProblem:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError:
        return SiteProblem(answer.status_code, f"{answer.url} answers with status {answer.status_code}")
    slug = str(body.get("type", "")).rpartition(":")[2]
    return SiteProblem(
        answer.status_code, str(body.get("title", answer.status_code)), str(body.get("detail", "")), slug
    )
