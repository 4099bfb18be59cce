"""Accounts, sign-ins and one-time links in the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.permissions import Permission
from backend.auth.person import Way
from backend.db.text import STORABLE
from backend.tables.states import LinkKind, Role

MIN_PASSWORD = 10

PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), STORABLE]
Login = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200, pattern=r"^[^\s\x00-\x1f]+$"), STORABLE
]
Password = Annotated[str, StringConstraints(min_length=MIN_PASSWORD, max_length=200)]
Typed = Annotated[str, StringConstraints(min_length=1, max_length=200), STORABLE]
"""What somebody typed into a field: whether it is right is not for its form to say."""

Secret = Annotated[str, StringConstraints(min_length=20, max_length=100)]


class SignInCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    login: Typed
    password: Typed


class SignInOptions(BaseModel):
    """How people sign in here."""

    mode: Literal["local", "accounts"]
    needs_administrator: bool = Field(description="Nobody can sign in yet: the console has a link for the first one.")
    providers: list[str] = Field(description="Names of OpenID providers to sign in with.")


class MeRead(BaseModel):
    """Who you are here."""

    id: UUID
    name: str
    login: str | None
    is_admin: bool
    way: Way = Field(description="How this request says who sent it; local: over the loopback, as the owner.")
    allowed: list[Permission] = Field(description="What you may do on the site, in no project.")


class MeUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: PersonName


class PasswordUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    old: Typed
    new: Password


class SignInRead(BaseModel):
    """A browser that is signed in as you."""

    id: UUID
    address: str
    user_agent: str
    is_this_one: bool
    last_seen_at: datetime
    expires_at: datetime
    created_at: datetime


class LinkSecret(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: Secret


class LinkRead(BaseModel):
    """What a one-time link is good for."""

    kind: LinkKind
    login: str | None = Field(description="Whose password it sets; null: you choose a login.")
    project_name: str | None
    role: Role | None
    expires_at: datetime


class LinkUse(BaseModel):
    """An account's first login and password, or a new password."""

    model_config = ConfigDict(extra="forbid")

    secret: Secret
    name: PersonName | None = None
    login: Login | None = None
    password: Password


class ProviderErrand(BaseModel):
    """`place`: where in the front end to go afterwards. `invitation`: the secret of one, or empty."""

    model_config = ConfigDict(extra="forbid")

    place: Annotated[str, StringConstraints(max_length=500, pattern=r"^/($|[^/\\])")] = "/"
    invitation: Annotated[str, StringConstraints(max_length=100)] = ""


class ProviderAddress(BaseModel):
    """Where to send the browser."""

    address: str
