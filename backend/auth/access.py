"""Each route's declaration of who may call it. An architecture test checks that every route of the API has one.

    router.get("/videos/{video_id}", dependencies=[access(Permission.view, VIDEO)])

Requests without credentials get 401. A person who is not a member gets the same 404 as for a missing object, so that
nothing is revealed. A member whose role lacks the permission gets 403.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Depends, Request

from backend.auth.authorization import InProject, Where, allowed, authorize
from backend.auth.crowd import Crowd
from backend.auth.identification import identify_at
from backend.auth.permissions import Permission
from backend.auth.person import Person
from backend.auth.problems import NotAllowed, NotSignedIn, TooManyRequests
from backend.auth.queries import Known, Place
from backend.auth.resource import Resource
from backend.auth.tenure import Standing

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Access:
    """One route's declaration. `resource` is what its path names; None means the site itself.

    `other` is a second permission that is enough; the route itself then finds out which of the two it takes.
    A `lasting` answer is not counted among those that a person may have at once.
    """

    permission: Permission
    resource: Resource | None = None
    other: Permission | None = None
    lasting: bool = False

    async def __call__(self, request: Request) -> AsyncIterator[None]:
        person, where = await self.check(request)

        async def check() -> None:
            await self.check(request)

        request.state.person = person
        request.state.standing = Standing(person, self.permissions, where, check)
        if self.lasting:
            yield
            return
        crowd: Crowd = request.state.crowd
        async with crowd.place(person.user_id):
            yield

    @property
    def permissions(self) -> frozenset[Permission]:
        """Any of these is enough."""
        return frozenset({self.permission} | ({self.other} if self.other else set()))

    async def check(self, request: Request) -> tuple[Person, Where]:
        """Identify the person, and check that they have this permission on the object that the path names.

        Raises:
            NotSignedIn, ForeignOrigin: nobody can be identified.
            NotFound: a subclass, the resource's own, if the person may not know that the object exists.
            NotAllowed: the person lacks the permission there.
        """
        known = await identify_at(request, place_of(request, self.resource) if self.resource else None)
        person, where = known.person, self._where(known)
        enough = self.permissions & allowed(person, where)
        authorize(person, next(iter(enough), self.permission), where)
        if request.method not in _SAFE_METHODS and person.scope and person.scope.permissions <= {Permission.view}:
            raise NotAllowed("This API token is made to view only.")
        return person, where

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


def access(
    permission: Permission,
    resource: Resource | None = None,
    *,
    other: Permission | None = None,
    lasting: bool = False,
) -> Any:
    """For `dependencies=[...]`: admits people with this permission, or `other`, on the object that the path names."""
    return Depends(Access(permission, resource, other, lasting))


public: Any = Depends(Public())
"""For `dependencies=[...]`: admits anybody, signed in or not."""

ACCESS_PROBLEMS = (NotSignedIn, NotAllowed, TooManyRequests)
"""Problems that every route but a public one can raise."""


def declared_access(dependencies: list[Any]) -> Access | Public | None:
    """The access that a route's `dependencies` declare, if any."""
    calls: list[Callable[..., Any] | None] = [dependency.dependency for dependency in dependencies]
    return next((call for call in calls if isinstance(call, Access | Public)), None)


def place_of(request: Request, resource: Resource) -> Place | None:
    """The object that a path names; None if what stands there is no id, which the route then says."""
    object_id = _uuid(request.path_params.get(f"{resource.name}_id"))
    return None if object_id is None else Place(resource, object_id)


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
