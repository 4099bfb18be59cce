"""People with accounts, made without waiting for their passwords to be hashed."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
from sqlalchemy import func

from backend.auth.secrets import new_secret, sha256
from backend.db.engine import Sessions
from backend.tables import ApiToken, Membership, SignIn, User
from backend.tables.states import Role
from tests.backend.running import RunningBackend

COOKIE = "maskloom_sign_in"


async def add_person(
    sessions: Sessions, login: str, *, is_admin: bool = False, disabled: bool = False, email: str | None = None
) -> UUID:
    user = User(id=uuid4(), name=login.title(), login=login, email=email, is_admin=is_admin, disabled=disabled)
    async with sessions.begin() as session:
        session.add(user)
    return user.id


async def add_member(sessions: Sessions, project_id: UUID, user_id: UUID, role: Role) -> None:
    async with sessions.begin() as session:
        session.add(Membership(project_id=project_id, user_id=user_id, role=role))


async def signed_in_secret(sessions: Sessions, user_id: UUID) -> str:
    """The cookie's value of a browser that is signed in."""
    secret = new_secret()
    async with sessions.begin() as session:
        session.add(
            SignIn(
                id=uuid4(),
                user_id=user_id,
                token_sha256=sha256(secret),
                address="127.0.0.1",
                user_agent="test",
                last_seen_at=func.now(),
                expires_at=func.now() + timedelta(days=1),
            )
        )
    return secret


async def token_of(
    sessions: Sessions, user_id: UUID, *actions: str, project_id: UUID | None = None, lasts: timedelta | None = None
) -> str:
    """An API token for some actions."""
    secret = new_secret("mlt_")
    async with sessions.begin() as session:
        session.add(
            ApiToken(
                id=uuid4(),
                user_id=user_id,
                project_id=project_id,
                name="test",
                prefix=secret[:10],
                token_sha256=sha256(secret),
                scope=list(actions),
                expires_at=func.now() + (timedelta(days=1) if lasts is None else lasts),
            )
        )
    return secret


def browser(backend: RunningBackend, secret: str | None = None) -> httpx.AsyncClient:
    """Requests as our own page in a browser sends them."""
    cookies = {COOKIE: secret} if secret else {}
    return httpx.AsyncClient(base_url=backend.url, timeout=30, cookies=cookies, headers={"Origin": backend.url})


def program(backend: RunningBackend, token: str) -> httpx.AsyncClient:
    """Requests with an API token."""
    return httpx.AsyncClient(base_url=backend.url, timeout=30, headers={"Authorization": f"Bearer {token}"})
