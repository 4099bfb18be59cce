"""Routes to sign in and out by password, and to use one-time links."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.auth.access import access, public
from backend.auth.actor import Actor
from backend.auth.cookie import clear_cookie, read_cookie, set_cookie, set_known_browser
from backend.auth.permissions import Permission
from backend.db.session import Session, ShortSessions
from backend.people.problems import LinkNotValid, LoginTaken, SignedInLocally, TooManyAttempts, WrongPassword
from backend.people.schemas import LinkRead, LinkSecret, LinkUse, MeRead, SignInCreate, SignInOptions
from backend.people.sign_in import links, sign_ins
from backend.people.sign_in.settings_dependency import SiteSettings
from backend.people.sign_in.sign_ins import Browser, require_accounts
from backend.problems import problems

router = APIRouter(prefix="/api", tags=["signing in"])


@router.get("/sign-in", dependencies=[public])
async def read_sign_in_options(session: Session, settings: SiteSettings) -> SignInOptions:
    """How people sign in here."""
    return await sign_ins.options(session, settings)


@router.post("/sign-in", responses=problems(WrongPassword, TooManyAttempts, SignedInLocally), dependencies=[public])
async def sign_in(
    body: SignInCreate, request: Request, response: Response, sessions: ShortSessions, settings: SiteSettings
) -> MeRead:
    """Sign this browser in. It gets a new cookie every time."""
    require_accounts(settings)
    browser = Browser.of(request, settings)
    me, secret = await sign_ins.sign_in(sessions, body, browser, settings)
    set_cookie(response, settings, secret)
    set_known_browser(response, settings, await sign_ins.remember_browser(sessions, me.id, browser))
    return me


@router.post("/sign-out", status_code=204, dependencies=[public])
async def sign_out(request: Request, response: Response, session: Session, settings: SiteSettings) -> None:
    """Sign this browser out. Harmless if it is not signed in."""
    await sign_ins.sign_out(session, read_cookie(request, settings))
    clear_cookie(response, settings)


@router.post("/links/read", responses=problems(LinkNotValid), dependencies=[public])
async def read_link(body: LinkSecret, session: Session) -> LinkRead:
    """What a one-time link does. The secret is sent in the body, because addresses are logged."""
    return await links.read_link(session, body.secret)


@router.post("/links/use", responses=problems(LinkNotValid, LoginTaken, SignedInLocally), dependencies=[public])
async def use_link(
    body: LinkUse, request: Request, response: Response, sessions: ShortSessions, settings: SiteSettings
) -> MeRead:
    """Set a password and, for a new account, a login, and sign in. The link works once."""
    require_accounts(settings)
    browser = Browser.of(request, settings)
    me, secret = await links.use_link(sessions, body, browser, settings)
    set_cookie(response, settings, secret)
    set_known_browser(response, settings, await sign_ins.remember_browser(sessions, me.id, browser))
    return me


@router.post("/links/join", responses=problems(LinkNotValid), dependencies=[access(Permission.account)])
async def join_by_link(body: LinkSecret, session: Session, actor: Actor) -> UUID | None:
    """Accept an invitation with the account you are signed in to. Returns the project's id, if it is to a project."""
    return await links.join(session, body.secret, actor)
