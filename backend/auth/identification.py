"""Identify the person behind a request."""

from datetime import timedelta

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries
from backend.auth.cookie import read_cookie
from backend.auth.permissions import TOKEN_PERMISSIONS
from backend.auth.person import Person, TokenScope, Way
from backend.auth.problems import NotSignedIn
from backend.auth.secrets import sha256
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables.user import LOCAL_OWNER_ID
from backend.web.guard import ForeignOrigin

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_OWNER = Person(LOCAL_OWNER_ID, "Owner", True, Way.local)


async def identify(request: Request) -> Person:
    """Identify the person by the request's API token, by its cookie or, in local mode, as the machine's owner.

    Raises:
        NotSignedIn: there are no valid credentials.
        ForeignOrigin: a write with a cookie does not name a page as its sender.
    """
    settings: Settings = request.state.settings
    sessions: Sessions = request.state.sessions
    authorization = request.headers.get("authorization")
    if authorization is not None:  # the request of a program, so its cookie does not count
        async with sessions.begin() as session:
            return await _by_token(session, authorization)
    if settings.sign_in == "local":
        return _OWNER
    secret = read_cookie(request, settings)
    if not secret:
        raise NotSignedIn
    _require_own_page(request)
    async with sessions.begin() as session:
        return await _by_cookie(session, secret, settings)


async def _by_token(session: AsyncSession, authorization: str) -> Person:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("Send an API token as `Authorization: Bearer ...`.")
    found = await queries.token_holder(session, sha256(secret.strip()))
    if found is None:
        raise NotSignedIn("This API token is unknown, has expired or was revoked.")
    token, user = found
    await queries.note_used(session, token.id)
    words = {str(word) for word in token.scope}
    permissions = frozenset(permission for permission in TOKEN_PERMISSIONS if permission in words)
    return Person(user.id, user.name, user.is_admin, Way.token, TokenScope(permissions, token.project_id), token.id)


async def _by_cookie(session: AsyncSession, secret: str, settings: Settings) -> Person:
    idle = timedelta(hours=settings.sign_in_idle_hours)
    found = await queries.signed_in(session, sha256(secret), idle=idle)
    if found is None:
        raise NotSignedIn("You were signed out. Sign in again; what was saved is safe.")
    sign_in, user = found
    await queries.note_seen(session, sign_in.id)
    return Person(user.id, user.name, user.is_admin, Way.browser, None, sign_in.id)


def _require_own_page(request: Request) -> None:
    """Reject a write with a cookie that names no page. Browsers name it, and the guard has checked the name."""
    headers = request.headers
    if request.method not in _SAFE_METHODS and "origin" not in headers and "sec-fetch-site" not in headers:
        raise ForeignOrigin("A write with a cookie must say which page sent it.")
