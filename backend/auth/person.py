"""The person behind a request, as the rest of the backend sees them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.auth.permissions import Permission


class Way(StrEnum):
    """How the sender of a request was identified."""

    local = "local"  # over the loopback interface, as the machine's owner
    browser = "browser"  # by the cookie of a sign-in
    token = "token"  # by an API token


@dataclass(frozen=True, slots=True)
class TokenScope:
    """The most that an API token may be used for; its person may be allowed less."""

    permissions: frozenset[Permission]
    project_id: UUID | None  # None: every project of its person


@dataclass(frozen=True, slots=True)
class Person:
    """The person behind a request. `user_id` signs every row it writes."""

    user_id: UUID
    name: str
    is_admin: bool
    way: Way
    scope: TokenScope | None = None  # None: no token, so no limit
    credential_id: UUID | None = None  # of the sign-in or the token
