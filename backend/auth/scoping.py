"""The condition that keeps a list to what its reader may know of."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, true
from sqlalchemy.orm import InstrumentedAttribute

from backend.auth.person import Person
from backend.tables import Membership


def seen_by(person: Person, project_id: InstrumentedAttribute[UUID] | ColumnElement[Any]) -> ColumnElement[bool]:
    """For WHERE: the project is one of the person's. Every query that no route's path confines needs it."""
    limit = person.scope.project_id if person.scope else None
    within = true() if limit is None else project_id == limit
    if person.is_admin:
        return within
    mine = exists().where(Membership.project_id == project_id, Membership.user_id == person.user_id)
    return and_(within, mine)
