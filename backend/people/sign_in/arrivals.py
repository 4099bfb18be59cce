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
from backend.settings import Settings
from backend.tables import Identity, User
from backend.tables.states import LinkKind


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
        if user.disabled:
            raise NotInvited("This account is disabled.")
        return await let_in(session, user, browser, settings)


async def _recognised(session: AsyncSession, arrival: Stranger, invitation: str) -> User:
    """The person whose login is the address that the provider verified, or the holder of an invitation."""
    user = await queries.user_by_login(session, arrival.email) if arrival.email else None
    link = await link_queries.valid_link(session, sha256(invitation), lock=True) if invitation else None
    if link is not None and link.kind is LinkKind.invitation:
        if user is None:
            user = User(id=uuid4(), name=arrival.name, login=arrival.email, is_admin=False, disabled=False)
            session.add(user)
            await session.flush()
        await spend(session, link, user)
    if user is None:
        raise NotInvited
    return user
