"""What an edit's headers say: under which id it may be repeated, and which version it was made against."""

import re
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header

from backend.auth.actor import Actor
from backend.leases.lease import Lease, LeaseHeader
from backend.masklets.problems import PreconditionRequired

_ETAG = re.compile(r'^\s*"?(\d{1,9})"?\s*$')

IdempotencyKey = Annotated[UUID, Header(description="A new id for every action; the same id repeats the action.")]


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts, and the action's id."""

    action_id: UUID
    actor_id: UUID
    lease: Lease | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor(Author):
    """An author who changes a masklet, and the version of it they looked at."""

    version: int


def _author(idempotency_key: IdempotencyKey, actor: Actor, lease: LeaseHeader) -> Author:
    return Author(idempotency_key, actor.user_id, lease)


def _editor(
    idempotency_key: IdempotencyKey,
    actor: Actor,
    lease: LeaseHeader,
    if_match: Annotated[str | None, Header(description='The masklet\'s version in quotes, such as "3".')] = None,
) -> Editor:
    match = _ETAG.match(if_match or "")
    if match is None:
        raise PreconditionRequired('Send the masklet\'s version as If-Match: "<version>".')
    return Editor(idempotency_key, actor.user_id, lease, version=int(match.group(1)))


AuthorHeaders = Annotated[Author, Depends(_author)]
EditHeaders = Annotated[Editor, Depends(_editor)]
