"""Whose annotation time a person may see."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from backend.auth.access import place_of
from backend.auth.actor import Actor
from backend.auth.authorization import InProject, allowed
from backend.auth.permissions import Permission
from backend.auth.queries import locate
from backend.auth.resource import Resource
from backend.db.session import ShortSessions
from backend.projects.resource import PROJECT
from backend.videos.resource import VIDEO


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who looks at a project. Everybody sees their own time, and managers that of all.

    Others get no totals either: in a small team, or for one masklet, a total tells what a colleague took.
    """

    user_id: UUID
    sees_everyone: bool

    @property
    def only(self) -> UUID | None:
        """The one person whose time they see; None: everybody's."""
        return None if self.sees_everyone else self.user_id


def _viewer_of(resource: Resource) -> Any:
    async def viewer(request: Request, actor: Actor, sessions: ShortSessions) -> Viewer:
        place, where = place_of(request, resource), None
        if place is not None:
            async with sessions.begin() as session:
                where = await locate(session, resource, place.object_id, user_id=actor.user_id)
        permissions = allowed(actor, where or InProject(None, None))
        return Viewer(actor.user_id, Permission.manage in permissions)

    return Depends(viewer)


ProjectViewer = Annotated[Viewer, _viewer_of(PROJECT)]
"""For routes of `/projects/{project_id}` that show data about people."""

VideoViewer = Annotated[Viewer, _viewer_of(VIDEO)]
"""For routes of `/videos/{video_id}` that show data about people."""
