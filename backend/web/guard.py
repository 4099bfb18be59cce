"""Checks that every request must pass before a route sees it.

The Host must be this machine or the public one, which a rebound DNS name is not, and a write must not come from another
site's page. Without accounts this is the only protection: only this machine's own page may call.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.problems import MaskloomError
from backend.web.intake import BodyTooLarge, Intake

_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_UPLOAD = re.compile(r"/api/projects/[^/]+/(?:videos|imports)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_ADDRESS_BYTES = 4096
_MAX_BODY_BYTES = 1024 * 1024  # twice the most intricate mask; a body is read before it is known who sent it

_HEADERS = {
    # Styles may be inline, because the scroll locks of dialogs and menus insert a style element.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class ForeignHost(MaskloomError):
    """The request names a host this server does not answer for."""

    status = 421
    title = "Foreign host"
    slug = "foreign-host"


class ForeignOrigin(MaskloomError):
    """The request was sent by another site's page."""

    status = 403
    title = "Foreign origin"
    slug = "foreign-origin"


class MalformedAddress(MaskloomError):
    """The address holds a control character."""

    status = 400
    title = "Malformed address"
    slug = "malformed-address"


class AddressTooLong(MaskloomError):
    """The address is longer than this server takes."""

    status = 414
    title = "Address too long"
    slug = "address-too-long"


class Guard:
    """Rejects foreign hosts, foreign writes and oversized bodies, and adds the headers that make browsers strict."""

    def __init__(self, app: ASGIApp, *, max_upload_bytes: int, public_origin: str = "") -> None:
        """`public_origin` is scheme://host[:port] as browsers see it through a proxy; empty means this machine only."""
        self._app = app
        self._max_upload_bytes = max_upload_bytes
        self._public_origin = public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []  # the head of the answer, once there is one
        intake = Intake(receive, limit := self._limit(scope), is_upload=is_upload(scope))

        async def send_with_headers(message: Message) -> None:
            if intake.problem is not None and not begun:
                return  # whatever the application makes of a body that broke off
            if message["type"] == "http.response.start":
                begun.append(message)
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            _check(scope, limit, self._public_origin)
            await self._app(scope, intake.receive, send_with_headers)
        except MaskloomError as error:
            intake.problem = intake.problem or error
        if intake.problem is not None and not begun:
            answer, intake.problem = intake.problem.response(), None
            await answer(scope, receive, send_with_headers)

    def _limit(self, scope: Scope) -> int:
        return self._max_upload_bytes if is_upload(scope) else _MAX_BODY_BYTES


def is_upload(scope: Scope) -> bool:
    return scope["method"] == "POST" and _UPLOAD.fullmatch(scope["path"]) is not None


def _check(scope: Scope, limit: int, public_origin: str) -> None:
    headers = Headers(scope=scope)
    host = headers.get("host", "").lower()
    is_public = public_origin != "" and host in _hosts(public_origin)
    if not is_public:
        _check_host(host, scope.get("server"))
    _check_address(scope)
    if scope["method"] not in _SAFE_METHODS:
        _check_origin(headers, public_origin if is_public else f"{scope.get('scheme', 'http')}://{host}")
    length = headers.get("content-length", "0")
    if not re.fullmatch("[0-9]{1,18}", length) or int(length) > limit:
        raise BodyTooLarge(f"The body may hold {limit} bytes at most.")


def _hosts(origin: str) -> set[str]:
    """The possible Host headers of an origin: browsers omit the default port, but a proxy may not."""
    parts = urlsplit(origin)
    usual = 443 if parts.scheme == "https" else 80
    return {parts.netloc} if parts.port else {parts.netloc, f"{parts.netloc}:{usual}"}


def _check_host(host: str, server: Sequence[object] | None) -> None:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        raise ForeignHost from None
    own_port = server[1] if server else None
    if name not in _LOOPBACK_NAMES or (own_port is not None and (port or 80) != own_port):
        raise ForeignHost


def _check_address(scope: Scope) -> None:
    if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_ADDRESS_BYTES:
        raise AddressTooLong(f"An address may hold {_MAX_ADDRESS_BYTES} bytes at most.")
    if _CONTROL.search(scope["path"]):
        raise MalformedAddress


def _check_origin(headers: Headers, own: str) -> None:
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        raise ForeignOrigin
    if origin is not None and origin != own:
        raise ForeignOrigin
