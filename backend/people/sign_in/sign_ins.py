"""Sign in and out, change passwords, and manage the browsers that are signed in."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from fastapi import Request
from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.authorization import allowed
from backend.auth.cookie import read_cookie, read_known_browser
from backend.auth.person import Person, Way
from backend.auth.secrets import new_secret, sha256
from backend.db.engine import Sessions
from backend.page import Page
from backend.people import queries
from backend.people.problems import SignedInLocally, SignInNotFound, WrongPassword
from backend.people.schemas import MeRead, PasswordUpdate, SignInCreate, SignInOptions, SignInRead
from backend.people.sign_in import attempt_queries, link_queries
from backend.people.sign_in.passwords import hash_password, verify_password
from backend.people.sign_in.throttle import Guess, begin_guess, forgive
from backend.people.tokens import end_tokens
from backend.settings import Settings
from backend.tables import KnownBrowser, SignIn, User

_LONGEST_USER_AGENT = 300
_KNOWN_FOR = timedelta(days=400)  # as long as the cookie


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that signs in, with the secret of its present cookie, if any."""

    address: str
    user_agent: str
    old_secret: str | None
    known_secret: str | None  # by which it is known from earlier sign-ins

    @classmethod
    def of(cls, request: Request, settings: Settings) -> "Browser":
        """The address is the connection's; behind a proxy, uvicorn's --proxy-headers makes it the client's."""
        agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
        address = request.client.host if request.client else ""
        known = read_known_browser(request, settings)
        return cls(address, agent[:_LONGEST_USER_AGENT], read_cookie(request, settings), known)


def require_accounts(settings: Settings) -> None:
    """Check that this site has accounts.

    Raises:
        SignedInLocally: it has only the machine's owner.
    """
    if settings.sign_in == "local":
        raise SignedInLocally


async def options(session: AsyncSession, settings: Settings) -> SignInOptions:
    local = settings.sign_in == "local"
    providers = [settings.oidc_name] if settings.oidc_issuer and not local else []
    needs = not local and not await queries.has_administrator(session)
    return SignInOptions(
        mode=settings.sign_in,
        needs_administrator=needs,
        providers=providers,
    )


async def sign_in(sessions: Sessions, body: SignInCreate, browser: Browser, settings: Settings) -> tuple[MeRead, str]:
    """Sign in by password. Returns the account, and the secret of a new cookie.

    Raises:
        TooManyAttempts: with this login or from this address.
        WrongPassword: the login is unknown, the password is wrong, or the account is disabled.
    """
    async with sessions.begin() as session:
        user = await queries.user_by_login(session, body.login)
        guess = await _guess(session, body.login, user, browser)
    await begin_guess(sessions, guess)
    # No connection is held while the password is hashed, and an unknown login takes as long as a known one.
    matches = await verify_password(body.password, user.password_hash if user and not user.disabled else None)
    if user is None or not matches:
        raise WrongPassword
    async with sessions.begin() as session:
        present = await queries.lock_user(session, user.id)
        if present is None or present.disabled or present.password_hash != user.password_hash:
            raise WrongPassword  # it changed while it was checked, which had signed everybody out
        await forgive(session, guess)
        secret = await let_in(session, present, browser, settings)
    return me_read(present, Person(present.id, present.name, present.is_admin, Way.browser)), secret


async def _guess(session: AsyncSession, login: str, user: User | None, browser: Browser) -> Guess:
    if user is not None and browser.known_secret is not None:
        known = await attempt_queries.known_browser(session, user.id, sha256(browser.known_secret))
        if known is not None:
            return Guess.from_known_browser(login, known.secret_sha256)
    return Guess.from_stranger(login, browser.address)


async def remember_browser(sessions: Sessions, user_id: UUID, browser: Browser) -> str:
    """Know this browser again when the person signs in here. Returns its secret, which may be the one it has."""
    async with sessions.begin() as session:
        await session.execute(delete(KnownBrowser).where(KnownBrowser.last_used_at < func.now() - _KNOWN_FOR))
        secret = browser.known_secret or new_secret()
        known = await attempt_queries.known_browser(session, user_id, sha256(secret))
        if known is None:
            known = KnownBrowser(id=uuid4(), user_id=user_id, secret_sha256=sha256(secret))
            session.add(known)
        known.last_used_at = func.now()
    return secret


async def let_in(session: AsyncSession, user: User, browser: Browser, settings: Settings) -> str:
    """Start a sign-in and return its secret. The browser's old secret stops working, whoever may know it."""
    await queries.forget_ended_sign_ins(session)
    if browser.old_secret:
        await queries.end_sign_in_by_token(session, sha256(browser.old_secret))
    secret = new_secret()
    session.add(
        SignIn(
            id=uuid4(),
            user_id=user.id,
            token_sha256=sha256(secret),
            address=browser.address,
            user_agent=browser.user_agent,
            last_seen_at=func.now(),
            expires_at=func.now() + timedelta(days=settings.sign_in_days),
        )
    )
    await session.flush()
    return secret


async def sign_out(session: AsyncSession, secret: str | None) -> None:
    """End the sign-in of a cookie. Harmless if there is none."""
    if secret:
        await queries.end_sign_in_by_token(session, sha256(secret))


async def read_me(session: AsyncSession, actor: Person) -> MeRead:
    user = await queries.user(session, actor.user_id)
    assert user is not None
    return me_read(user, actor)


async def rename(session: AsyncSession, actor: Person, name: str) -> MeRead:
    user = await queries.user(session, actor.user_id)
    assert user is not None
    user.name = name
    await session.flush()
    return me_read(user, actor)


def me_read(user: User, actor: Person) -> MeRead:
    return MeRead(
        id=user.id,
        name=user.name,
        login=user.login,
        is_admin=user.is_admin,
        way=actor.way,
        allowed=sorted(allowed(actor, "site")),
    )


async def change_password(sessions: Sessions, actor: Person, body: PasswordUpdate) -> None:
    """Change the person's password, and end what the old one opened: other browsers, links and, if wished, tokens.

    Raises:
        WrongPassword: the old password is wrong.
        TooManyAttempts: in this browser. Wrong passwords elsewhere do not matter.
    """
    async with sessions.begin() as session:
        user = await queries.user(session, actor.user_id)
        assert user is not None
    guess = Guess.from_signed_in(actor.user_id, actor.credential_id)
    await begin_guess(sessions, guess)
    if not await verify_password(body.old, user.password_hash):
        raise WrongPassword("The old password is not right.")
    hashed = await hash_password(body.new)
    async with sessions.begin() as session:
        user = await queries.user(session, actor.user_id)
        assert user is not None
        user.password_hash = hashed
        await forgive(session, guess)
        await queries.end_sign_ins(session, user.id, except_id=actor.credential_id)
        await link_queries.void_links_for(session, user.id)
        if body.end_tokens:
            await end_tokens(session, user.id)


async def list_sign_ins(session: AsyncSession, actor: Person, settings: Settings, page: Page) -> list[SignInRead]:
    idle = timedelta(hours=settings.sign_in_idle_hours)
    return [
        SignInRead(
            id=found.id,
            address=found.address,
            user_agent=found.user_agent,
            is_this_one=found.id == actor.credential_id,
            last_seen_at=found.last_seen_at,
            expires_at=found.expires_at,
            created_at=found.created_at,
        )
        for found in await queries.sign_ins_of(session, actor.user_id, page, idle=idle)
    ]


async def end_sign_in(session: AsyncSession, actor: Person, sign_in_id: UUID) -> None:
    """Sign out one of the person's browsers.

    Raises:
        SignInNotFound: it is not one of theirs, or has ended.
    """
    if not await queries.end_sign_in(session, actor.user_id, sign_in_id):
        raise SignInNotFound
