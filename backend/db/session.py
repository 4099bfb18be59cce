"""The dependencies by which routes get the database.

A route that writes has one transaction, committed before the response. One that only reads has none: each statement
sees what is committed when it begins, inside a transaction as outside of one, and BEGIN and COMMIT are two round trips.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.state.sessions
    async with sessions.begin() as session:
        yield session


async def _autocommit(request: Request) -> AsyncIterator[AsyncSession]:
    reading: Sessions = request.state.reading
    async with reading() as session:
        yield session


async def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.state.sessions
    return sessions


Session = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's transaction. Routes that stream use `ShortSessions` instead, and hold none while they stream."""

Autocommit = Annotated[AsyncSession, Depends(_autocommit, scope="function")]
"""Without a transaction: for routes that only read, or write by one statement."""

ShortSessions = Annotated[Sessions, Depends(_sessions)]
"""A factory: `async with sessions.begin() as session` is one short transaction."""
