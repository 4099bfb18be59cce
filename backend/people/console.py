"""What the console can do without signing in: make links, and a token for the sample loader."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.permissions import Permission
from backend.auth.secrets import TOKEN_PREFIX, new_secret, sha256, shown_part
from backend.db.engine import make_engine, make_sessions
from backend.people import queries
from backend.people.sign_in.links import ADMINISTRATOR_LINK, PASSWORD_LINK, link_address, make_link
from backend.tables import ApiToken
from backend.tables.states import LinkKind
from backend.tables.user import LOCAL_OWNER_ID

_SAMPLE_TOKEN = timedelta(hours=6)
_SAMPLE_SCOPE = (Permission.create, Permission.view, Permission.manage, Permission.annotate)

Answer = TypeVar("Answer")


class NobodyHasThisLogin(LookupError):
    """There is no such account."""


def first_administrator_link(database_url: str, origin: str) -> str | None:
    """Make a link for the first administrator; None if there is an administrator already."""

    async def work(session: AsyncSession) -> str | None:
        if await queries.has_administrator(session):
            return None
        return await _administrator_link(session, origin)

    return _run(database_url, work)


def user_link(database_url: str, origin: str, login: str | None) -> str:
    """Make a link that sets an account's password or, without a login, one for the machine's owner as administrator.

    Raises:
        NobodyHasThisLogin: there is no such account.
    """

    async def work(session: AsyncSession) -> str:
        if login is None:
            return await _administrator_link(session, origin)
        user = await queries.user_by_login(session, login)
        if user is None:
            raise NobodyHasThisLogin(login)
        audit(session, "password.link_made", actor_id=None, object_id=user.id)
        _link, secret = make_link(session, LinkKind.password, lasts=PASSWORD_LINK, user_id=user.id)
        return link_address(origin, secret)

    return _run(database_url, work)


def sample_token(database_url: str) -> str:
    """Make an API token that loads the sample as the machine's owner. It expires after some hours."""

    async def work(session: AsyncSession) -> str:
        token = new_secret(TOKEN_PREFIX)
        session.add(
            ApiToken(
                id=uuid4(),
                user_id=LOCAL_OWNER_ID,
                project_id=None,
                name="Sample loader",
                prefix=shown_part(token),
                token_sha256=sha256(token),
                scope=list(_SAMPLE_SCOPE),
                expires_at=func.now() + _SAMPLE_TOKEN,
            )
        )
        return token

    return _run(database_url, work)


async def _administrator_link(session: AsyncSession, origin: str) -> str:
    """Make the machine's owner an account and administrator. What they made before there were accounts stays theirs."""
    owner = await queries.user(session, LOCAL_OWNER_ID)
    assert owner is not None, "the first migration makes it"
    owner.is_admin, owner.disabled = True, False
    audit(session, "administrator.link_made", actor_id=None, object_id=owner.id)
    _link, secret = make_link(session, LinkKind.administrator, lasts=ADMINISTRATOR_LINK, user_id=owner.id)
    return link_address(origin, secret)


def _run(database_url: str, work: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    async def in_one_transaction() -> Answer:
        engine = make_engine(database_url)
        try:
            async with make_sessions(engine).begin() as session:
                return await work(session)
        finally:
            await engine.dispose()

    return asyncio.run(in_one_transaction())
