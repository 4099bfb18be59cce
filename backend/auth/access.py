"""Each route's declaration of who may call it. An architecture test checks that every route of the API has one.

    router.get("/videos/{video_id}", dependencies=[access(Permission.view, VIDEO)])

Requests without credentials get 401. A person who is not a member gets the same 404 as for a missing object, so that
nothing is revealed. A member whose role lacks the permission gets 403.
"""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from backend.auth.authorization import InProject, Where, authorize
from backend.auth.identification import identify_at
from backend.auth.permissions import Permission
from backend.auth.person import Person, Way
from backend.auth.problems import NotAllowed, NotSignedIn
from backend.auth.queries import Known, Place
from backend.auth.resource import Resource
from backend.problems import MaskloomError

_SECONDS_BETWEEN_CHECKS = 3.0


@dataclass(frozen=True)
class Access:
    """One route's declaration. `resource` is what its path names; None means the site itself."""

    permission: Permission
    resource: Resource | None = None

    async def __call__(self, request: Request) -> None:
        person = await self.check(request)
        request.state.person = person
        request.state.standing = Standing(request, self, still=person.way is Way.local)

    async def check(self, request: Request) -> Person:
        """Identify the person, and check that they have this permission on the object that the path names.

        Raises:
            NotSignedIn, ForeignOrigin: nobody can be identified.
            NotFound: a subclass, the resource's own, if the person may not know that the object exists.
            NotAllowed: the person lacks the permission there.
        """
        place = self._place(request)
        known = await identify_at(request, place)
        authorize(known.person, self.permission, self._where(known))
        return known.person

    def _place(self, request: Request) -> Place | None:
        if self.resource is None:
            return None
        object_id = _uuid(request.path_params.get(f"{self.resource.name}_id"))
        return None if object_id is None else Place(self.resource, object_id)

    def _where(self, known: Known) -> Where:
        if self.resource is None:
            return "site"
        if known.person.is_admin and known.person.scope is None:
            return InProject(None, None)  # the route itself finds out whether the object exists
        if known.where is not None and _may_know(known.person, known.where):
            return known.where
        raise self.resource.not_found


@dataclass(frozen=True)
class Public:
    """A route that anybody may call."""

    async def __call__(self) -> None:
        return None


def access(permission: Permission, resource: Resource | None = None) -> Any:
    """For `dependencies=[...]`: admits people with this permission on the object that the path names."""
    return Depends(Access(permission, resource))


public: Any = Depends(Public())
"""For `dependencies=[...]`: admits anybody, signed in or not."""

ACCESS_PROBLEMS = (NotSignedIn, NotAllowed)
"""Problems that every route but a public one can raise."""


class Standing:
    """Whether the access that a request began with still holds, for streamed responses."""

    def __init__(self, request: Request, declared: Access, *, still: bool) -> None:
        self._request = request
        self._declared = declared
        self._still = still  # the owner cannot lose access to their own machine
        self._next_check = time.monotonic() + _SECONDS_BETWEEN_CHECKS

    async def holds(self) -> bool:
        """Whether access still holds. Cheap to call often, because the database is asked only every few seconds."""
        if self._still or time.monotonic() < self._next_check:
            return True
        try:
            await self._declared.check(self._request)
        except MaskloomError:
            return False
        self._next_check = time.monotonic() + _SECONDS_BETWEEN_CHECKS
        return True


def _standing(request: Request) -> Standing:
    standing: Standing = request.state.standing
    return standing


Stands = Annotated[Standing, Depends(_standing)]
"""For routes with a streamed response."""


async def while_it_stands(request: Request, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass the pieces on, until the reader loses access.

    Raises:
        ConnectionAbortedError: access ended; the response breaks off.
    """
    standing = _standing(request)
    async for piece in pieces:
        if not await standing.holds():
            raise ConnectionAbortedError("The reader's access ended.")
        yield piece


def declared_access(dependencies: list[Any]) -> Access | Public | None:
    """The access that a route's `dependencies` declare, if any."""
    calls: list[Callable[..., Any] | None] = [dependency.dependency for dependency in dependencies]
    return next((call for call in calls if isinstance(call, Access | Public)), None)


def _may_know(person: Person, where: InProject) -> bool:
    """Whether a person may know that an object exists."""
    limit = person.scope.project_id if person.scope else None
    return (person.is_admin or where.role is not None) and limit in (None, where.project_id)


def _uuid(text: object) -> UUID | None:
    """Parse an id; None if the text is not one."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
