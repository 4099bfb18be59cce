"""Errors of the embedded Postgres."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded Postgres could not be created or started. The message has the end of its log."""
