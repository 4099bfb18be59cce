"""What the server lacks for a while, a database or room on its disk, told apart from faults of the program.

Such an error is nobody's mistake: the same request succeeds later. So it is answered as a problem with `Retry-After`,
wherever it was raised, and background work that meets it waits instead of failing.
"""

import errno
from collections.abc import Iterator

import psycopg
from sqlalchemy import exc

from backend.problems import MaskloomError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DISK_FULL = "53100"
_AWAY_CLASSES = {
    "08",  # connection exception
    "40",  # deadlock, serialization failure
    "53",  # insufficient resources: memory, connections
    "55",  # not in the needed state: a lock that is not available
    "57",  # operator intervention: shut down, crashed, starting, canceled after the statement timeout
    "58",  # error of the system below it: a file that cannot be read or written
}
_READ_ONLY = "25006"  # a standby, or a server whose operator stopped writes
_CANNOT_RECONNECT = "8s2b"  # SQLAlchemy's code: the connection was lost earlier in the same transaction


class Outage(MaskloomError):
    """The server lacks something it needs. Nothing is known to have been stored; the same request may be repeated."""


class DatabaseUnavailable(Outage):
    """The database does not answer at the moment. Repeat the request; what was saved is safe."""

    status = 503
    title = "The database is not available"
    slug = "database-unavailable"
    retry_after_seconds = 2


class DiskFull(Outage):
    """The server's disk is full. Make room on it, then repeat the request; what was saved is safe."""

    status = 507
    title = "The disk is full"
    slug = "disk-full"
    retry_after_seconds = 10


OUTAGES = (DatabaseUnavailable, DiskFull)
"""Problems that every route can raise which reads or writes."""


def outage_of(error: BaseException) -> Outage | None:
    """The outage behind an error, however often it was wrapped; None if the error has another reason."""
    for inner in causes(error):
        if isinstance(inner, Outage):
            return inner
        if isinstance(inner, exc.SQLAlchemyError | psycopg.Error) and (found := _of_database(inner)):
            return found
        if isinstance(inner, OSError) and inner.errno in _NO_ROOM:
            return DiskFull()
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from or amid, and for a group what it holds."""
    return _chain(error, set())


def _chain(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            yield from _chain(member, seen)  # pyright: ignore[reportUnknownArgumentType]
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before, seen)


def _of_database(error: exc.SQLAlchemyError | psycopg.Error) -> Outage | None:
    if isinstance(error, exc.TimeoutError):  # every connection of the pool stayed busy
        return DatabaseUnavailable()
    if isinstance(error, exc.PendingRollbackError):
        return DatabaseUnavailable() if error.code == _CANNOT_RECONNECT else None
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable()
    driver = error.orig if isinstance(error, exc.DBAPIError) else error
    if not isinstance(driver, psycopg.Error):
        return None
    state = driver.sqlstate
    if state == _DISK_FULL:
        return DiskFull()
    if state is not None:
        return DatabaseUnavailable() if state[:2] in _AWAY_CLASSES or state == _READ_ONLY else None
    # Without a state it was the driver that found no server, or no connection, at the other end.
    away = psycopg.OperationalError | psycopg.InterfaceError
    return DatabaseUnavailable() if isinstance(driver, away) else None
