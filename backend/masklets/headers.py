"""The headers of edits: the id under which a request can be repeated, the lease, and the masklet's version."""

import re
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header

from backend.auth.actor import Actor
from backend.leases.lease import Lease, LeaseHeader
from backend.masklets.problems import PreconditionRequired

_ETAG = re.compile(r'^\s*"?([0-9]{1,9})"?\s*$')

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


async def _editor(
    idempotency_key: IdempotencyKey,
    actor: Actor,
    lease: LeaseHeader,
    if_match: Annotated[
        str | None, Header(max_length=100, description='The masklet\'s version in quotes, such as "3".')
    ] = None,
) -> Editor:
    match = _ETAG.match(if_match or "")
    if match is None:
        raise PreconditionRequired('Send the masklet\'s version as If-Match: "<version>".')
    return Editor(idempotency_key, actor.user_id, lease, version=int(match.group(1)))


AuthorHeaders = Annotated[Author, Depends(_author)]
EditHeaders = Annotated[Editor, Depends(_editor)]
