"""Connections whose requests begin in time and with a head of a bounded size. uvicorn bounds neither."""

import json
import resource
from asyncio import BaseTransport, TimerHandle
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from backend.problems import MEDIA_TYPE, MaskloomError

HEAD_SECONDS = 20.0
"""From a connection's or a request's beginning to the end of the request's head."""
MAX_HEAD_BYTES = 64 * 1024
_MOST_CONNECTIONS = 2000  # of one process; each takes some kilobytes and a file descriptor
_OTHER_FILES = 200  # of the process: its connections to the database, videos that it sends


class NotHttp(MaskloomError):
    """This is not a request in HTTP/1.1."""

    status = 400
    title = "Not a request"
    slug = "not-http"


class HeadTooLarge(MaskloomError):
    """The address and the headers of a request are larger than this server takes."""

    status = 431
    title = "Too many headers"
    slug = "head-too-large"


class HeadTooSlow(MaskloomError):
    """The headers of the request did not arrive in time."""

    status = 408
    title = "The request took too long to arrive"
    slug = "head-too-slow"


class TooManyConnections(MaskloomError):
    """Too many connections to this server are open. Try again when others have closed theirs."""

    status = 503
    title = "Too many connections"
    slug = "too-many-connections"
    retry_after_seconds = 5


class Connection(HttpToolsProtocol):
    """Speaks HTTP/1.1. Whatever is no request, or takes too long to become one, ends it."""

    _head_timer: TimerHandle | None = None
    _unread = 0  # bytes that came without completing a head, a piece of a body or its end
    _has_moved = False

    def connection_made(self, transport: BaseTransport) -> None:  # type: ignore[override]
        super().connection_made(cast(Any, transport))
        if len(self.connections) > _most_connections():
            self._refuse(TooManyConnections())
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._has_moved = False
        super().data_received(data)
        self._unread = 0 if self._has_moved else self._unread + len(data)
        if self._unread > MAX_HEAD_BYTES:
            self._refuse(HeadTooLarge(f"The head of a request may hold {MAX_HEAD_BYTES} bytes at most."))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._has_moved = True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._has_moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_moved = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(NotHttp())

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if self._unread == 0:  # a browser may open a connection that it does not need after all
            self.transport.close()
        self._refuse(HeadTooSlow(f"The headers of the request did not arrive within {HEAD_SECONDS:.0f} seconds."))

    def _refuse(self, problem: MaskloomError) -> None:
        """Answer with a problem, unless another answer is on its way, and hang up."""
        if self.transport.is_closing():
            return
        is_answering = getattr(self.cycle, "response_started", False) and not self.cycle.response_complete
        if not is_answering:
            self.transport.write(STATUS_LINE[problem.status] + _answer(problem))
        self.transport.close()


def _answer(problem: MaskloomError) -> bytes:
    body = json.dumps(problem.body()).encode()
    headers = {"content-type": MEDIA_TYPE, "content-length": len(body), "connection": "close"}
    if problem.retry_after_seconds is not None:
        headers["retry-after"] = problem.retry_after_seconds
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n" + body


def _most_connections() -> int:
    allowed, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, min(_MOST_CONNECTIONS, allowed - _OTHER_FILES))
