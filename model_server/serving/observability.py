"""Structured logs: an event is named noun.verb and carries fields."""

import sys
from contextlib import suppress
from io import TextIOBase
from typing import Literal, TextIO, cast

import structlog

LogFormat = Literal["text", "json"]


def configure_logging(log_format: LogFormat) -> None:
    """Write events to standard error, one line each; errors with their traceback, but without local variables."""
    processors: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    if log_format == "json":
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        processors.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))
    structlog.configure(processors=processors, logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Lossy())))


class _Lossy(TextIOBase):
    """Standard error that loses what it cannot take, as on a full disk, rather than fail the work that is told of."""

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()
