"""The dependencies by which routes get the database: one transaction per request, committed before the response."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.state.sessions
    async with sessions.begin() as session:
        yield session


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.state.sessions
    return sessions


Session = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's transaction. Routes that stream use `ShortSessions` instead, and hold none while they stream."""

ShortSessions = Annotated[Sessions, Depends(_sessions)]
"""A factory: `async with sessions.begin() as session` is one short transaction."""
