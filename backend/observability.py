"""Structured logging. An event is named noun.verb, and has fields and its request's id."""

import logging
import re
import sys
import time
from io import StringIO
from typing import Literal, TextIO
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.collision import collision_of
from backend.outage import outage_of
from backend.problems import server_error

_log = structlog.get_logger()
_SLOW_SECONDS = 1.0
_PRIVATE = (
    (re.compile(r"\$argon2\w*\$[^\s'\",)]+"), "[hash]"),
    (re.compile(r"DETAIL:[^\n]*"), "DETAIL: [left out]"),  # of Postgres: whole rows
    (re.compile(r"://[^/\s@]+@"), "://[credentials]@"),
    (re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?:mlt_)?[\w-]{43}(?![\w-])"), "[secret]"),  # as `new_secret` makes them
    (re.compile(r"(?i)([?&](?:code|state|token|secret|password)=)[^\s&'\"]+"), r"\1[secret]"),
    (re.compile(r"(?i)\b((?:password|secret|authorization|cookie)['\"]?\s*[=:]\s*['\"]?)[^\s&'\"]+"), r"\1[secret]"),
)
"""What no log may hold, wherever it came from, and what stands there instead."""


def configure_logging(log_format: Literal["text", "json"]) -> None:
    """Write our events and the libraries' to standard error in one format."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    renderer: structlog.types.Processor
    if log_format == "json":
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    else:
        # A plain traceback, because one with the values of variables would print passwords and tokens.
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_discreet_traceback)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redact_fields, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("procrastinate", "alembic", "uvicorn.access", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def redacted(text: str) -> str:
    """A text without the hashes, secrets and rows that an error's message may quote."""
    for pattern, instead in _PRIVATE:
        text = pattern.sub(instead, text)
    return text


def _redact_fields(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return {name: redacted(value) if isinstance(value, str) else value for name, value in event.items()}


def _discreet_traceback(stream: TextIO, error: structlog.types.ExcInfo) -> None:
    words = StringIO()
    structlog.dev.plain_traceback(words, error)
    stream.write(redacted(words.getvalue()))


class RequestLog:
    """Gives every request an id (`X-Request-Id`), logs slow and failed ones, and answers uncaught exceptions."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        status = 500
        started = time.perf_counter()
        first_byte: float | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status, first_byte
            if message["type"] == "http.response.start":
                first_byte = time.perf_counter() - started
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:
                passing = outage_of(error) or collision_of(error)
                if passing is None:
                    _log.error("request.failed", method=scope["method"], path=scope["path"], exc_info=error)
                else:  # no traceback: it is not the program's fault, and every request of that while has one
                    _log.warning("request.refused", path=scope["path"], problem=passing.slug, reason=_reason(error))
                if first_byte is not None:
                    raise  # too late for a response, so the server cuts the connection
                await (server_error() if passing is None else passing.response())(scope, receive, send_with_id)
            finally:
                # Measured to the first byte, because a stream that stays open is not slow.
                seconds = first_byte if first_byte is not None else time.perf_counter() - started
                if status >= 500 or seconds > _SLOW_SECONDS:
                    _log.warning(
                        "request.finished",
                        method=scope["method"],
                        path=scope["path"],
                        status=status,
                        seconds=round(seconds, 3),
                    )


def _reason(error: Exception) -> str:
    """The first line of what the driver or the system said. Parameters of a statement come after it."""
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _request_id(headers: Headers) -> str:
    """The caller's id, if it looks like one, so that traces continue; otherwise a new one."""
    given = headers.get("x-request-id", "")
    return given if 8 <= len(given) <= 64 and given.replace("-", "").isalnum() else uuid4().hex
