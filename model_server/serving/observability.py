"""Structured logs: an event is named noun.verb and carries fields."""

import sys
from typing import Literal

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
    structlog.configure(processors=processors, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
