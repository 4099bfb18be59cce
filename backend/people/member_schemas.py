"""Members, invitations, API tokens and the audit trail in the API."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.permissions import Permission
from backend.db.text import STORABLE
from backend.people.schemas import PersonName
from backend.tables.states import Role

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), STORABLE]
TokenName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), STORABLE]


class MemberRead(BaseModel):
    """Somebody of a project."""

    user_id: UUID
    name: str
    login: str | None = Field(description="Told to those who manage the project.")
    role: Role
    disabled: bool
    created_at: datetime


class MemberUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


class InvitationCreate(BaseModel):
    """`note`: whom it is for. `days`: how long the link can be used."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    note: Note = ""
    days: int = Field(default=7, ge=1, le=30)


class AccountInvitationCreate(BaseModel):
    """An account of its own, in no project yet."""

    model_config = ConfigDict(extra="forbid")

    note: Note = ""
    days: int = Field(default=7, ge=1, le=30)


class InvitationRead(BaseModel):
    """A link that somebody has not used yet."""

    id: UUID
    role: Role | None
    note: str
    created_by: str | None = Field(description="A name.")
    expires_at: datetime
    created_at: datetime


class LinkCreated(BaseModel):
    """A one-time link. Its secret is told now and never again."""

    id: UUID
    path: str = Field(description="Of this site, with the secret behind the #.")
    expires_at: datetime


class UserRead(BaseModel):
    """Somebody who signs in here."""

    id: UUID
    name: str
    login: str | None
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
    """`scope`: what it may be used for. `project_id`: the only project, or null for all of yours."""

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
    """A new API token. Its secret is told now and never again."""

    token: TokenRead
    secret: str


class AuditRead(BaseModel):
    """Who changed what, and when."""

    order: int
    action: str
    actor_id: UUID | None
    actor_name: str | None = Field(description="Null: at the machine's console.")
    project_id: UUID | None
    project_name: str | None = Field(description="Null for the site, and for a project that is gone.")
    object_id: UUID | None
    details: dict[str, Any]
    created_at: datetime


class AuditPage(BaseModel):
    """Newest first. `next` goes on where this page ends."""

    entries: list[AuditRead]
    next: int | None
