"""Bodies of requests and responses about members, invitations, API tokens and the audit trail."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.permissions import Permission
from backend.db.text import STORABLE
from backend.people.schemas import Email, PersonName
from backend.tables.states import Role

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), STORABLE]
TokenName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), STORABLE]


class MemberRead(BaseModel):
    """A member of a project."""

    user_id: UUID
    name: str
    login: str | None = Field(description="Shown to managers only; null for others.")
    role: Role
    disabled: bool
    created_at: datetime


class MemberUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


class InvitationCreate(BaseModel):
    """`note` tells whom the invitation is for; `days` is how long the link works."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    note: Note = ""
    email: Email | None = Field(default=None, description="Whom it is for: their provider may sign them in with it.")
    days: int = Field(default=7, ge=1, le=30)


class AccountInvitationCreate(BaseModel):
    """An invitation to the site, without a project."""

    model_config = ConfigDict(extra="forbid")

    note: Note = ""
    email: Email | None = None
    days: int = Field(default=7, ge=1, le=30)


class InvitationRead(BaseModel):
    """An invitation that nobody has used yet."""

    id: UUID
    role: Role | None
    note: str
    email: str | None
    created_by: str | None = Field(description="The name of the person who made it.")
    expires_at: datetime
    created_at: datetime


class LinkCreated(BaseModel):
    """A one-time link. Its secret is shown only here."""

    id: UUID
    path: str = Field(description="Path on this site, with the secret after the #.")
    expires_at: datetime


class UserRead(BaseModel):
    """An account of this site."""

    id: UUID
    name: str
    login: str | None
    email: str | None = Field(description="The address with which a provider may sign this account in.")
    is_admin: bool
    disabled: bool
    num_projects: int
    last_seen_at: datetime | None
    created_at: datetime


class UserUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: PersonName | None = None
    is_admin: bool | None = None
    disabled: bool | None = None


class TokenCreate(BaseModel):
    """`scope` is what the token may be used for; `project_id` limits it to one project, null means all of yours."""

    model_config = ConfigDict(extra="forbid")

    name: TokenName
    scope: Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))]
    project_id: UUID | None = None
    days: int = Field(default=90, ge=1, le=366)


class TokenRead(BaseModel):
    """An API token, without its secret."""

    id: UUID
    name: str
    prefix: str = Field(description="Its first characters.")
    scope: list[Permission]
    project_id: UUID | None
    expires_at: datetime
    last_used_at: datetime | None
    created_at: datetime


class TokenCreated(BaseModel):
    """A new API token. Its secret is shown only here."""

    token: TokenRead
    secret: str


class AuditRead(BaseModel):
    """Who changed what, and when."""

    order: int
    action: str
    actor_id: UUID | None
    actor_name: str | None = Field(description="Null if it was done at the machine's console.")
    project_id: UUID | None
    project_name: str | None = Field(description="Null for the site, and for a deleted project.")
    object_id: UUID | None
    details: dict[str, Any]
    created_at: datetime


class AuditPage(BaseModel):
    """Entries, newest first. Pass `next` as `before` to get the next page."""

    entries: list[AuditRead]
    next: int | None
