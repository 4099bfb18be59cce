"""Sign in people who come back from an OpenID provider, if they have an account or an invitation."""

from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.secrets import sha256
from backend.db.engine import Sessions
from backend.people import queries
from backend.people.problems import NotInvited
from backend.people.sign_in import link_queries
from backend.people.sign_in.links import spend
from backend.people.sign_in.oidc import Stranger
from backend.people.sign_in.sign_ins import Browser, let_in
from backend.people.tokens import end_tokens
from backend.settings import Settings
from backend.tables import Identity, User
from backend.tables.states import LinkKind
from backend.tables.user import login_key


async def let_arrival_in(
    sessions: Sessions, arrival: Stranger, invitation: str, browser: Browser, *, settings: Settings
) -> str:
    """Sign the person in. Returns the secret of a new cookie.

    Raises:
        NotInvited: they have neither an account nor an invitation, or the account is disabled.
    """
    async with sessions.begin() as session:
        user = await queries.user_of_identity(session, arrival.issuer, arrival.subject)
        if user is None:
            user = await _recognised(session, arrival, invitation)
            session.add(Identity(issuer=arrival.issuer, subject=arrival.subject, user_id=user.id))
            details = {"issuer": arrival.issuer, "email": arrival.email}
            audit(session, "identity.linked", actor_id=user.id, object_id=user.id, details=details)
        await session.flush()
        present = await queries.lock_user(session, user.id)
        if present is None or present.disabled:
            raise NotInvited("This account is disabled.")
        return await let_in(session, present, browser, settings)


async def _recognised(session: AsyncSession, arrival: Stranger, invitation: str) -> User:
    """The account that was invited with the address that the provider verified, or the holder of an invitation.

    A login that looks like the address proves nothing: whoever holds an invitation may choose any.
    """
    user = await queries.user_by_email(session, arrival.email) if arrival.email else None
    if user is not None and not user.disabled and not await queries.has_identity(session, user.id):
        await _evict(session, user)
    link = await link_queries.valid_link(session, sha256(invitation), lock=True) if invitation else None
    if link is not None and link.kind is LinkKind.invitation:
        user = user or await _new_account(session, arrival)
        await spend(session, link, user)
    if user is None:
        raise NotInvited
    return user


async def _new_account(session: AsyncSession, arrival: Stranger) -> User:
    """An account that the verified address finds from now on; its login too, unless somebody else took it."""
    taken = arrival.email is None or await queries.user_by_login(session, arrival.email) is not None
    user = User(
        id=uuid4(),
        name=arrival.name,
        login=None if taken else arrival.email,
        email=None if arrival.email is None else login_key(arrival.email),
        is_admin=False,
        disabled=False,
    )
    session.add(user)
    await session.flush()
    return user


async def _evict(session: AsyncSession, user: User) -> None:
    """End what opened the account before anybody proved its address: it may have been made by somebody else."""
    if user.password_hash is None:
        return
    user.password_hash = None
    await queries.end_sign_ins(session, user.id)
    await end_tokens(session, user.id)
    await link_queries.void_links_for(session, user.id)
    audit(session, "password.ended", actor_id=user.id, object_id=user.id, details={"login": user.login})
