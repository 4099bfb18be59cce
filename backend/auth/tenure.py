"""Whether the access that a request began with still holds, for what lasts: streams, downloads, uploads and jobs.

One look every few seconds covers all of them, however many are open.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID
from weakref import WeakSet

import structlog
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries
from backend.auth.authorization import InProject, Where, allowed
from backend.auth.permissions import Permission
from backend.auth.person import Person, Way
from backend.auth.problems import NotAllowed
from backend.background import background
from backend.db.engine import Sessions

LOOK_SECONDS = 2.0
"""How often it is looked. A reader who loses access is out within twice this time."""

_log = structlog.get_logger()


@dataclass(eq=False)
class Standing:
    """The access of one request: who, by which of these permissions, and where."""

    person: Person
    permissions: frozenset[Permission]  # any of them is enough
    where: Where
    check: Callable[[], Awaitable[None]]
    """Asks the database now.

    Raises:
        NotSignedIn, NotAllowed, NotFound: access has ended.
    """
    holds: bool = True  # as of the last look


class Standings:
    """All that is open in this process. Whoever waits on a stream asks `holds` before they send anything."""

    def __init__(self, reading: Sessions, *, idle: timedelta) -> None:
        self._reading = reading
        self._idle = idle
        self._open: WeakSet[Standing] = WeakSet()

    def add(self, standing: Standing) -> None:
        """Look after it for as long as its request lives. The machine's owner cannot lose access to it."""
        if standing.person.way is not Way.local:
            self._open.add(standing)

    @asynccontextmanager
    async def looked_after(self) -> AsyncGenerator["Standings"]:
        """Look while the block lasts."""
        async with background(self._keep_looking()):
            yield self

    async def look(self) -> None:
        """End the standing of everybody who has lost access."""
        standings = [standing for standing in self._open if standing.holds]
        if not standings:
            return
        credentials = {each.person.credential_id for each in standings if each.person.credential_id is not None}
        places = {
            (standing.where.project_id, standing.person.user_id)
            for standing in standings
            if isinstance(standing.where, InProject) and standing.where.project_id is not None
        }
        async with self._reading() as session:
            present = await queries.present_credentials(session, credentials, idle=self._idle)
            roles = await queries.present_roles(session, places)
        for standing in standings:
            credential_id = standing.person.credential_id
            found = None if credential_id is None else present.get(credential_id)
            if found is None:
                standing.holds = False
                continue
            person = replace(standing.person, is_admin=found.is_admin, scope=found.scope)
            where = standing.where
            if isinstance(where, InProject) and where.project_id is not None:
                where = replace(where, role=roles.get((where.project_id, person.user_id)))
            standing.holds = not standing.permissions.isdisjoint(allowed(person, where))

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # without a database nobody can tell; the next look does
                _log.warning("standing.not_looked", error=str(type(error).__name__))
            await asyncio.sleep(LOOK_SECONDS)


def standing_of(request: Request) -> Standing:
    """The request's standing, which is looked after from now on."""
    standing: Standing = request.state.standing
    standings: Standings = request.state.standings
    standings.add(standing)
    return standing


async def _standing(request: Request) -> Standing:
    return standing_of(request)


Stands = Annotated[Standing, Depends(_standing)]
"""For routes with a streamed response or a long upload."""


async def while_it_stands(request: Request, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass the pieces on, until the reader loses access.

    Raises:
        ConnectionAbortedError: access ended; the response breaks off.
    """
    standing = standing_of(request)
    async for piece in pieces:
        if not standing.holds:
            raise ConnectionAbortedError("The reader's access ended.")
        yield piece


async def require_standing(session: AsyncSession, user_id: UUID, permission: Permission, project_id: UUID) -> None:
    """For jobs: check again, in a transaction that writes for somebody, that they may have this written.

    Raises:
        NotAllowed: who asked for it was removed, disabled or given a lesser role since.
    """
    if await queries.still_may(session, user_id, permission, project_id):
        return
    person = await queries.user(session, user_id)
    assert person is not None  # accounts are never deleted
    raise NotAllowed(
        f"{person.name}, who asked for this, may no longer {permission} here. Somebody who may can ask again."
    )


async def received_while_it_stands(standing: Standing, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass on what arrives, until the sender loses access.

    Raises:
        NotSignedIn, NotAllowed, NotFound: access ended, as a new request would be told.
    """
    async for chunk in chunks:
        if not standing.holds:
            await standing.check()
        yield chunk
