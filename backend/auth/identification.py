"""Identify the person behind a request."""

from datetime import timedelta

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries
from backend.auth.cookie import read_cookie
from backend.auth.person import Person, Way
from backend.auth.problems import NotSignedIn
from backend.auth.queries import Known, Place
from backend.auth.secrets import sha256
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables.user import LOCAL_OWNER_ID
from backend.web.guard import ForeignOrigin

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_NAMED = "maskloom-person"  # by a page, so that nothing is done in the name of whoever signed in in another tab
_OWNER = Known(Person(LOCAL_OWNER_ID, "Owner", True, Way.local), None)


async def identify(request: Request) -> Person:
    """Identify the person by the request's API token, by its cookie or, in local mode, as the machine's owner.

    Raises:
        NotSignedIn: there are no valid credentials.
        ForeignOrigin: a write with a cookie does not name a page as its sender.
    """
    return (await identify_at(request, None)).person


async def identify_at(request: Request, place: Place | None) -> Known:
    """Identify the person, and with the same query what they are in the project of `place`.

    Raises:
        NotSignedIn, ForeignOrigin: as above.
    """
    settings: Settings = request.state.settings
    reading: Sessions = request.state.reading
    authorization = request.headers.get("authorization")
    if authorization is not None:  # the request of a program, so its cookie does not count
        async with reading() as session:
            return await _by_token(session, authorization, place)
    if settings.sign_in == "local":
        return _OWNER
    secret = read_cookie(request, settings)
    if not secret:
        raise NotSignedIn
    _require_own_page(request)
    async with reading() as session:
        known = await _by_cookie(session, secret, settings, place)
    if request.headers.get(_NAMED, str(known.person.user_id)) != str(known.person.user_id):
        raise NotSignedIn("Somebody else has signed in in this browser. Sign in again; what is not saved yet waits.")
    return known


async def _by_token(session: AsyncSession, authorization: str, place: Place | None) -> Known:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("Send an API token as `Authorization: Bearer ...`.")
    found = await queries.token_holder(session, sha256(secret.strip()), at=place)
    if found is None:
        raise NotSignedIn("This API token is unknown, has expired or was revoked.")
    return found


async def _by_cookie(session: AsyncSession, secret: str, settings: Settings, place: Place | None) -> Known:
    idle = timedelta(hours=settings.sign_in_idle_hours)
    found = await queries.signed_in(session, sha256(secret), idle=idle, at=place)
    if found is None:
        raise NotSignedIn("You were signed out. Sign in again; what was saved is safe.")
    return found


def _require_own_page(request: Request) -> None:
    """Reject a write with a cookie that names no page. Browsers name it, and the guard has checked the name."""
    headers = request.headers
    if request.method not in _SAFE_METHODS and "origin" not in headers and "sec-fetch-site" not in headers:
        raise ForeignOrigin("A write with a cookie must say which page sent it.")
