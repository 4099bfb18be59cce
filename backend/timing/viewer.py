"""Whose annotation time a person may see."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from backend.auth.actor import Actor
from backend.auth.authorization import InProject, allowed
from backend.auth.permissions import Permission
from backend.auth.queries import locate
from backend.db.session import ShortSessions
from backend.projects.resource import PROJECT


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who looks at a project. Everybody sees the totals and themselves; managers see each person."""

    user_id: UUID
    sees_everyone: bool


async def _viewer(project_id: UUID, actor: Actor, sessions: ShortSessions) -> Viewer:
    async with sessions.begin() as session:
        where = await locate(session, PROJECT, project_id, user_id=actor.user_id)
    permissions = allowed(actor, where or InProject(project_id, None))
    return Viewer(actor.user_id, Permission.manage in permissions)


ProjectViewer = Annotated[Viewer, Depends(_viewer)]
"""For routes of `/projects/{project_id}` that show data about people."""
