"""The audit trail: who changed what others depend on."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import AuditEntry


def audit(
    session: AsyncSession,
    action: str,
    *,
    actor_id: UUID | None,
    project_id: UUID | None = None,
    object_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append an entry, in the transaction of the change. `action` is "noun.verb"; `actor_id` None means the console."""
    session.add(
        AuditEntry(actor_id=actor_id, action=action, project_id=project_id, object_id=object_id, details=details or {})
    )
