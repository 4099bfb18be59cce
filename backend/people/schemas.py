"""Bodies of requests and responses about accounts, sign-ins and one-time links."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.permissions import Permission
from backend.auth.person import Way
from backend.db.text import STORABLE
from backend.tables.states import LinkKind, Role

MIN_PASSWORD = 10
_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "COPTIC", "CHEROKEE"}
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def _checked_login(login: str) -> str:
    """A new login in its usual form, in which nobody's looks like another's.

    Raises:
        ValueError: it has invisible characters, or a word in two alphabets whose letters look alike.
    """
    usual = unicodedata.normalize("NFKC", login)
    if any(unicodedata.category(letter) in _UNSEEN for letter in usual):
        raise ValueError("A login has no spaces and no invisible characters.")
    for word in re.split(r"[\W\d_]+", usual):
        alphabets = {unicodedata.name(letter, "").split(" ")[0] for letter in word}
        if len(alphabets & _ALIKE) > 1:
            raise ValueError("A word of a login keeps to one alphabet.")
    return usual


PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), STORABLE]
Login = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=200, pattern=r"^[^\s\x00-\x1f]+$"),
    STORABLE,
    AfterValidator(_checked_login),
]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\s@]+@[^\s@]+$"), STORABLE]
Password = Annotated[str, StringConstraints(min_length=MIN_PASSWORD, max_length=200)]
Typed = Annotated[str, StringConstraints(min_length=1, max_length=200), STORABLE]
"""What somebody typed into a field. Only its length is checked here, not whether it is right."""

Secret = Annotated[str, StringConstraints(min_length=20, max_length=100)]


class SignInCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    login: Typed
    password: Typed


class SignInOptions(BaseModel):
    """How people sign in here."""

    mode: Literal["local", "accounts"]
    needs_administrator: bool = Field(description="Nobody can sign in yet; the console shows the first link.")
    providers: list[str] = Field(description="Names of the OpenID providers to sign in with.")


class MeRead(BaseModel):
    """Your account."""

    id: UUID
    name: str
    login: str | None
    is_admin: bool
    way: Way = Field(description="How this request identified you; local means as the machine's owner.")
    allowed: list[Permission] = Field(description="Your permissions on the site itself, outside projects.")


class MeUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: PersonName


class PasswordUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    old: Typed
    new: Password
    end_tokens: bool = Field(default=True, description="Whether your API tokens end too. Other browsers always do.")


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
    """What a one-time link does."""

    kind: LinkKind
    login: str | None = Field(description="The account whose password it sets; null if you choose a login.")
    email: str | None = Field(description="The address that the invitation is made out to, if any.")
    project_name: str | None
    role: Role | None
    num_tokens: int = Field(description="API tokens of the account whose password it sets, which can end with it.")
    expires_at: datetime


class LinkUse(BaseModel):
    """An account's first login and password, or a new password."""

    model_config = ConfigDict(extra="forbid")

    secret: Secret
    name: PersonName | None = None
    login: Login | None = None
    password: Password
    end_tokens: bool = Field(default=True, description="Whether the account's API tokens end with the old password.")


class ProviderErrand(BaseModel):
    """`place` is the front end's path to open afterwards; `invitation` is an invitation's secret, or empty."""

    model_config = ConfigDict(extra="forbid")

    place: Annotated[str, StringConstraints(max_length=500, pattern=r"^/($|[^/\\])")] = "/"
    invitation: Annotated[str, StringConstraints(max_length=100)] = ""


class ProviderAddress(BaseModel):
    """Where to send the browser."""

    address: str
