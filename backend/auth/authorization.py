"""The rules that decide who may do what."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from backend.auth.permissions import ALLOWED, EVERYBODY, Permission
from backend.auth.person import Person
from backend.auth.problems import NotAllowed
from backend.tables.states import Role


@dataclass(frozen=True, slots=True)
class InProject:
    """A project, and the person's role in it. An administrator needs no role."""

    project_id: UUID | None  # None: not looked up, because the person is an administrator without a token
    role: Role | None


Site = Literal["site"]
Where = InProject | Site


def authorize(person: Person, permission: Permission, where: Where) -> None:
    """Check that the person has a permission there.

    Raises:
        NotAllowed: their role or their token does not give it.
    """
    if permission not in allowed(person, where):
        raise NotAllowed(_reason(person, permission, where))


def allowed(person: Person, where: Where) -> frozenset[Permission]:
    """All permissions that the person has there."""
    if where == "site":
        permissions = EVERYBODY | {Permission.administer} if person.is_admin else EVERYBODY
    elif person.is_admin:
        permissions = ALLOWED[Role.manager]
    else:
        permissions = ALLOWED[where.role] if where.role is not None else frozenset[Permission]()
    if person.scope is None:
        return permissions
    if person.scope.project_id is not None and (where == "site" or where.project_id != person.scope.project_id):
        # A token of one project may still view what all projects share: models, formats, its own name.
        return permissions & {Permission.view} if where == "site" else frozenset()
    return permissions & person.scope.permissions


def _reason(person: Person, permission: Permission, where: Where) -> str:
    if person.scope is not None and permission not in person.scope.permissions:
        return f"This API token is not made to {permission}."
    if where == "site" or where.role is None:
        return "Only an administrator may do this." if permission is Permission.administer else "You may not do this."
    return f"You are {_with_article(where.role)} of this project, and may not {permission} there."


def _with_article(role: Role) -> str:
    return f"an {role}" if role.startswith("a") else f"a {role}"
