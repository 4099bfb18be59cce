"""Read the audit trail."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from backend.people import member_queries
from backend.people.member_schemas import AuditPage, AuditRead

Before = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the previous page.")]
Limit = Annotated[int, Query(ge=1, le=500)]


async def read_trail(session: AsyncSession, *, project_id: UUID | None, before: int | None, limit: int) -> AuditPage:
    """Read a page of entries, newest first; without a project, those of the whole site."""
    found = await member_queries.audit_entries(session, project_id=project_id, before=before, limit=limit + 1)
    entries = [
        AuditRead(
            order=entry.order,
            action=entry.action,
            actor_id=entry.actor_id,
            actor_name=actor,
            project_id=entry.project_id,
            project_name=project,
            object_id=entry.object_id,
            details=entry.details,
            created_at=entry.created_at,
        )
        for entry, actor, project in found[:limit]
    ]
    return AuditPage(entries=entries, next=entries[-1].order if len(found) > limit else None)
