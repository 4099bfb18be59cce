"""Change a project's model and roll such changes back; each one is recorded with its author."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.models import queries
from backend.models.problems import NothingToRollBack
from backend.tables import ModelChange, Project
from backend.tables.states import ModelChangeKind


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a project's model, its author, and the tuning that led to it."""

    kind: ModelChangeKind
    model: str | None
    changed_by: UUID
    tuning_id: UUID | None = None


def set_model(session: AsyncSession, project: Project, change: Change) -> None:
    """Set the project's model and record the change. If it already has that model, nothing happens."""
    if project.model == change.model:
        return
    details = {"before": project.model, "after": change.model}
    audit(session, f"model.{change.kind}", actor_id=change.changed_by, project_id=project.id, details=details)
    session.add(
        ModelChange(
            project_id=project.id,
            kind=change.kind,
            before=project.model,
            after=change.model,
            tuning_id=change.tuning_id,
            changed_by=change.changed_by,
        )
    )
    project.model = change.model


async def roll_back(session: AsyncSession, project: Project, *, actor_id: UUID) -> None:
    """Return to the model before the last change that was not rolled back.

    Raises:
        NothingToRollBack: there is no such change.
    """
    last = standing(await queries.model_changes(session, project.id))
    if last is None:
        raise NothingToRollBack("This project has used no other model before.")
    set_model(session, project, Change(ModelChangeKind.rolled_back, last.before, actor_id, last.tuning_id))


def standing(changes: Sequence[ModelChange]) -> ModelChange | None:
    """The last change that was not rolled back. Changes are given oldest first."""
    held: list[ModelChange] = []
    for change in changes:
        if change.kind is not ModelChangeKind.rolled_back:
            held.append(change)
        elif held:
            held.pop()
    return held[-1] if held else None
