"""One-time links: for the first administrator, for a new password, and for invitations."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person, Way
from backend.auth.secrets import new_secret, sha256
from backend.db.engine import Sessions
from backend.people import member_queries, queries
from backend.people.problems import LinkNotValid, LoginTaken
from backend.people.schemas import LinkRead, LinkUse, MeRead
from backend.people.sign_in import link_queries
from backend.people.sign_in.passwords import hash_password
from backend.people.sign_in.sign_ins import Browser, let_in, me_read
from backend.people.tokens import end_tokens
from backend.settings import Settings
from backend.tables import Membership, OneTimeLink, User
from backend.tables.states import LinkKind, Role
from backend.tables.user import login_key

ADMINISTRATOR_LINK = timedelta(hours=24)
PASSWORD_LINK = timedelta(hours=24)
PAGE = "/welcome"


def link_address(origin: str, secret: str) -> str:
    """The link's address. The secret is in the fragment, so that no server or proxy sees it."""
    return f"{origin}{PAGE}#{secret}"


def make_link(session: AsyncSession, kind: LinkKind, *, lasts: timedelta, **about: object) -> tuple[OneTimeLink, str]:
    """Make a link and its secret, of which only the SHA-256 is stored. `about` fills the row's other columns."""
    secret = new_secret()
    columns = {"note": "", **about}
    link = OneTimeLink(id=uuid4(), kind=kind, token_sha256=sha256(secret), expires_at=func.now() + lasts, **columns)
    session.add(link)
    return link, secret


async def read_link(session: AsyncSession, secret: str) -> LinkRead:
    """Read what a one-time link does, without using it.

    Raises:
        LinkNotValid: it was used, was withdrawn or has expired.
    """
    link = await _valid(session, secret)
    user = await queries.user(session, link.user_id) if link.user_id else None
    tokens = await member_queries.live_tokens(session, user.id) if user else ()
    name = await queries.project_name(session, link.project_id) if link.project_id else None
    return LinkRead(
        kind=link.kind,
        login=user.login if user else None,
        email=link.email,
        project_name=name,
        role=link.role,
        num_tokens=len(tokens),
        expires_at=link.expires_at,
    )


async def use_link(sessions: Sessions, body: LinkUse, browser: Browser, settings: Settings) -> tuple[MeRead, str]:
    """Create an account or set its new password, and sign the person in. The link is used up.

    A new password ends all that the old one opened: every sign-in, other links to choose one, and, unless the person
    keeps them, API tokens.

    Raises:
        LinkNotValid: it was used, was withdrawn or has expired, or the account is disabled.
        LoginTaken: the login is another account's, or is missing.
    """
    async with sessions.begin() as session:
        await _valid(session, body.secret)  # before the expensive hash, which is only for holders of a link
    hashed = await hash_password(body.password)
    try:
        async with sessions.begin() as session:
            link = await _valid(session, body.secret, lock=True)
            user = await _person_of(session, link, body)
            user.password_hash = hashed
            await queries.end_sign_ins(session, user.id)
            if body.end_tokens:
                await end_tokens(session, user.id)
            await spend(session, link, user)
            await session.flush()
            await link_queries.void_links_for(session, user.id)
            secret = await let_in(session, user, browser, settings)
    except IntegrityError as error:  # somebody chose the same login at the same time
        raise LoginTaken from error
    return me_read(user, Person(user.id, user.name, user.is_admin, Way.browser)), secret


async def join(session: AsyncSession, secret: str, actor: Person) -> UUID | None:
    """Accept an invitation with the account that is signed in. Returns the project's id, if it is to a project.

    Raises:
        LinkNotValid: it was used, was withdrawn or has expired, or is not an invitation.
    """
    link = await _valid(session, secret, lock=True)
    user = await queries.user(session, actor.user_id)
    if link.kind is not LinkKind.invitation or user is None:
        raise LinkNotValid("This link is for somebody who has no password yet.")
    await spend(session, link, user)
    return link.project_id


async def spend(session: AsyncSession, link: OneTimeLink, user: User) -> None:
    """Mark a link as used, and give the person its role.

    Raises:
        LinkNotValid: the person was removed from the project after the link was made.
    """
    if link.project_id is not None and await link_queries.removed_since(session, link, user.id):
        raise LinkNotValid("You were removed from the project after this invitation was made; ask for a new one.")
    link.used_at, link.used_by = func.now(), user.id
    if link.project_id is not None and link.role is not None:
        await _join_project(session, link.project_id, user.id, link.role)
    details = {"login": user.login, "role": link.role}
    audit(
        session,
        f"{link.kind}.accepted",
        actor_id=user.id,
        project_id=link.project_id,
        object_id=user.id,
        details=details,
    )


async def _join_project(session: AsyncSession, project_id: UUID, user_id: UUID, role: Role) -> None:
    """Make the person a member, unless they already are; an invitation does not change a role."""
    if await queries.membership(session, project_id, user_id) is None:
        session.add(Membership(project_id=project_id, user_id=user_id, role=role))
        await session.flush()


async def _person_of(session: AsyncSession, link: OneTimeLink, body: LinkUse) -> User:
    """The account whose password the link sets: the one it was made for, or a new one."""
    user = await queries.user(session, link.user_id) if link.user_id else None
    if user is not None and user.disabled:
        raise LinkNotValid("This account is disabled.")
    if user is not None and user.login is not None:
        return user
    if body.login is None:
        raise LoginTaken("Choose a login.")
    await _require_free(session, body.login, link)
    if user is None:
        user = User(id=uuid4(), name=body.name or body.login, email=link.email, is_admin=False, disabled=False)
        session.add(user)
    user.login, user.name = body.login, body.name or user.name
    await session.flush()
    return user


async def _require_free(session: AsyncSession, login: str, link: OneTimeLink) -> None:
    """Check that the login is nobody's, and no address with which somebody else was invited.

    Raises:
        LoginTaken: it is, or an account of the invited address exists already.
    """
    if await queries.user_by_login(session, login) is not None:
        raise LoginTaken
    if link.email and await queries.user_by_email(session, link.email) is not None:
        raise LoginTaken("There is an account for the invited address already. Sign in, and open the link again.")
    is_ones_own = link.email == login_key(login)
    if not is_ones_own and await link_queries.is_invited(session, login_key(login)):
        raise LoginTaken("Somebody else was invited with this address.")


async def _valid(session: AsyncSession, secret: str, *, lock: bool = False) -> OneTimeLink:
    link = await link_queries.valid_link(session, sha256(secret), lock=lock)
    if link is None:
        raise LinkNotValid
    return link
