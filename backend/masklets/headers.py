"""The headers of edits: the id under which a request can be repeated, the lease, and the masklet's version."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header

from backend.auth.actor import Actor
from backend.leases.lease import Lease, LeaseHeader
from backend.precondition import SeenVersion

IdempotencyKey = Annotated[UUID, Header(description="A new id for every action; the same id repeats the action.")]


RepeatKey = Annotated[
    UUID | None, Header(alias="Idempotency-Key", description="A new id; the same one repeats the request safely.")
]


@dataclass(frozen=True, slots=True)
class Author:
    """The person who acts, the action's id, and their lease."""

    action_id: UUID
    actor_id: UUID
    lease: Lease | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor(Author):
    """The author of a masklet's edit, and the version that they saw."""

    version: int


async def _author(idempotency_key: IdempotencyKey, actor: Actor, lease: LeaseHeader) -> Author:
    return Author(idempotency_key, actor.user_id, lease)


async def _editor(idempotency_key: IdempotencyKey, actor: Actor, lease: LeaseHeader, version: SeenVersion) -> Editor:
    return Editor(idempotency_key, actor.user_id, lease, version=version)


AuthorHeaders = Annotated[Author, Depends(_author)]
EditHeaders = Annotated[Editor, Depends(_editor)]
