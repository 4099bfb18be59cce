"""Errors of the embedded Postgres."""

from backend.terminal import TerminalError


class EmbeddedPostgresError(TerminalError):
    """The embedded Postgres could not be created or started. The message has the end of its log."""
