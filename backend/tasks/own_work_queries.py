"""SQL conditions that tell whose work a masklet is, so that nobody verifies their own."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from backend.tables import Action, Membership, Project, Run
from backend.tables.states import ActionKind

WORK = (ActionKind.prompt, ActionKind.edit_mask, ActionKind.clear_frame, ActionKind.propagate)
"""The actions that change masks."""


def worked_on(user_id: UUID, masklet_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a person contributed to a masklet's present state."""
    counts = and_(Action.actor_id == user_id, ~Action.undone, Action.kind.in_(WORK))
    alone = exists().where(counts, Action.masklet_id == masklet_id)
    carried = exists().where(counts, Run.action_id == Action.id, masklet_id == func.any(Run.masklet_ids))
    return or_(alone, carried)


def judges_own(user_id: UUID, masklet_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a verdict would be on the person's own work in a project that forbids it. The query must join Project."""
    several = select(func.count()).where(Membership.project_id == Project.id).correlate(Project).scalar_subquery() > 1
    return and_(Project.separate_verifiers, several, worked_on(user_id, masklet_id))
