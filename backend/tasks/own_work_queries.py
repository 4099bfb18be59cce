"""SQL conditions that tell whose work a masklet is and who can do a task, so that nobody verifies their own."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.auth.permissions import Permission, roles_with
from backend.leases.queries import may_do
from backend.tables import Action, Masklet, Membership, Project, Run, Task, User
from backend.tables.states import ActionKind, TaskKind

WORK = (ActionKind.prompt, ActionKind.edit_mask, ActionKind.clear_frame, ActionKind.propagate)
"""The actions that change masks."""

_Person = UUID | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]


def worked_on(user_id: _Person, masklet_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a person contributed to a masklet's present state. A search that they asked for is nobody's work."""
    counts = and_(Action.actor_id == user_id, ~Action.undone, ~Action.automatic, Action.kind.in_(WORK))
    about = aliased(Masklet)
    home = select(about.video_id).where(about.id == masklet_id).correlate_except(about).scalar_subquery()
    alone = exists().where(counts, Action.masklet_id == masklet_id)
    # Of the video's runs alone: the site's are too many to look through for every masklet.
    its_runs = and_(Run.video_id == home, masklet_id == func.any(Run.masklet_ids))
    carried = exists().where(counts, Run.action_id == Action.id, its_runs)
    # Neither may read the masklet's table again: it is that of the query around it, however deep they lie in it.
    return or_(alone.correlate_except(Action), carried.correlate_except(Action, Run))


def judges_own(user_id: _Person, masklet_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a verdict would be on the person's own work, in a project that forbids it. The query must join Project.

    It is not forbidden where nobody else could give it: the masklet would be stuck.
    """
    member, person = aliased(Membership), aliased(User)
    somebody_else = exists().where(
        member.project_id == Project.id,
        member.user_id != user_id,
        member.role.in_(roles_with(Permission.verify)),
        person.id == member.user_id,
        ~person.disabled,
        ~worked_on(member.user_id, masklet_id),
    )
    return and_(
        Project.separate_verifiers, worked_on(user_id, masklet_id), somebody_else.correlate_except(member, person)
    )


def keeps_assignee() -> ColumnElement[bool]:
    """Whether the person for whom a task is kept could still do it. The query must join Task and Project."""
    own_work = case((Task.kind == TaskKind.verify, judges_own(Task.assignee_id, Task.masklet_id)), else_=False)
    return and_(may_do(Task.assignee_id, Task.kind, Project.id), ~own_work)
