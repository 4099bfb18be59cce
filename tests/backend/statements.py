"""Counts of what a backend in the test's own process asks of Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The text of every statement that a request caused, while the block lasts; what runs by itself does not count."""
    with counted_asking() as asked:
        yield asked.statements


@dataclass
class Asked:
    """What went to Postgres: the statements, and all that was waited for, which are BEGIN and COMMIT besides."""

    statements: list[str] = field(default_factory=list)
    round_trips: list[str] = field(default_factory=list)


@contextmanager
def counted_asking() -> Iterator[Asked]:
    """What requests asked, while the block lasts; what runs by itself does not count."""
    asked = Asked()

    def on_statement(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if _is_request():
            if not _driver(connection).autocommit and not _is_in_transaction(connection):
                asked.round_trips.append("BEGIN")  # which the driver sends before the first statement
            asked.statements.append(statement)
            asked.round_trips.append(statement)

    def on_end(words: str) -> Any:
        def note(connection: Any) -> None:
            if _is_request() and _is_in_transaction(connection):
                asked.round_trips.append(words)

        return note

    listeners = {
        "before_cursor_execute": on_statement,
        "commit": on_end("COMMIT"),
        "rollback": on_end("ROLLBACK"),
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield asked
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


def _is_request() -> bool:
    return "request_id" in structlog.contextvars.get_contextvars()


def _driver(connection: Any) -> Any:
    return connection.connection.driver_connection


def _is_in_transaction(connection: Any) -> bool:
    return bool(_driver(connection).info.transaction_status != TransactionStatus.IDLE)
