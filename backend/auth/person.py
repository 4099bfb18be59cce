"""Who acts, as the rest of the backend sees them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.auth.permissions import Permission


class Way(StrEnum):
    """How a request says who sent it."""

    local = "local"  # it came over the loopback of a machine that has one person
    browser = "browser"  # by the cookie of a sign-in
    token = "token"  # by an API token


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What an API token may be used for, at most: its person may do less."""

    permissions: frozenset[Permission]
    project_id: UUID | None  # null: every project of its person


@dataclass(frozen=True, slots=True)
class Person:
    """The person behind a request. `user_id` signs every row it writes."""

    user_id: UUID
    name: str
    is_admin: bool
    way: Way
    scope: TokenScope | None = None  # null: no token, no limit
    credential_id: UUID | None = None  # the sign-in or the token
