"""Routes of a person's own account: name, password, and signed-in browsers."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Response

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.cookie import clear_cookie
from backend.auth.permissions import Permission
from backend.db.session import Autocommit, Session, ShortSessions
from backend.page import AskedPage, BadCursor
from backend.people import queries
from backend.people.problems import SignedInLocally, SignInNotFound, TooManyAttempts, WrongPassword
from backend.people.schemas import MeRead, MeUpdate, PasswordUpdate, SignInRead
from backend.people.sign_in import sign_ins
from backend.people.sign_in.settings_dependency import SiteSettings
from backend.people.sign_in.sign_ins import require_accounts
from backend.problems import problems

router = APIRouter(prefix="/api/me", tags=["account"])


@router.get("", dependencies=[access(Permission.view)])
async def read_me(session: Autocommit, actor: Actor) -> MeRead:
    """Your account, and how this request identified you."""
    return await sign_ins.read_me(session, actor)


@router.patch("", dependencies=[access(Permission.account)])
async def update_me(body: MeUpdate, session: Session, actor: Actor) -> MeRead:
    """Change your name as others see it."""
    return await sign_ins.rename(session, actor, body.name)


@router.put(
    "/password",
    status_code=204,
    responses=problems(WrongPassword, TooManyAttempts, SignedInLocally),
    dependencies=[access(Permission.account)],
)
async def change_password(body: PasswordUpdate, sessions: ShortSessions, actor: Actor, settings: SiteSettings) -> None:
    """Change your password. All other browsers are signed out."""
    require_accounts(settings)
    await sign_ins.change_password(sessions, actor, body)


@router.get("/sign-ins", responses=problems(BadCursor), dependencies=[access(Permission.account)])
async def list_sign_ins(
    session: Session, actor: Actor, settings: SiteSettings, page: AskedPage
) -> Sequence[SignInRead]:
    """The browsers that are signed in as you, latest used first, in pages: the Link header names the next one."""
    return await sign_ins.list_sign_ins(session, actor, settings, page)


@router.delete(
    "/sign-ins/{sign_in_id}",
    status_code=204,
    responses=problems(SignInNotFound),
    dependencies=[access(Permission.account)],
)
async def end_sign_in(sign_in_id: UUID, session: Session, actor: Actor) -> None:
    """Sign one of your browsers out."""
    await sign_ins.end_sign_in(session, actor, sign_in_id)


@router.delete("/sign-ins", status_code=204, dependencies=[access(Permission.account)])
async def end_all_sign_ins(response: Response, session: Session, actor: Actor, settings: SiteSettings) -> None:
    """Sign out everywhere, including here."""
    await queries.end_sign_ins(session, actor.user_id)
    clear_cookie(response, settings)
