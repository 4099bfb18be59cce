"""Manage the site's accounts, for administrators."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.page import Page
from backend.people import member_queries, queries
from backend.people.member_schemas import LinkCreated, UserRead, UserUpdate
from backend.people.problems import LastAdministrator, UserNotFound
from backend.people.sign_in.links import PAGE, PASSWORD_LINK, make_link
from backend.people.withdrawal import withdraw_what_is_no_longer_theirs
from backend.tables import User
from backend.tables.states import LinkKind


async def list_users(session: AsyncSession, page: Page) -> list[UserRead]:
    """List a page of the accounts by name."""
    return [_read(user, projects, seen) for user, projects, seen in await member_queries.users(session, page)]


async def update_user(session: AsyncSession, user_id: UUID, body: UserUpdate, actor: Person) -> UserRead:
    """Rename an account, grant or withdraw administration, or disable or enable it.

    Raises:
        UserNotFound: there is no such account.
        LastAdministrator: no administrator would be left to undo it.
    """
    administrators = await member_queries.lock_able_administrators(session)
    user = await queries.user(session, user_id)
    if user is None:
        raise UserNotFound
    if administrators == {user_id} and (body.disabled is True or body.is_admin is False):
        raise LastAdministrator
    changed = {
        name: (getattr(user, name), value)
        for name, value in body.model_dump(exclude_none=True).items()
        if getattr(user, name) != value
    }
    for name, (before, value) in changed.items():
        setattr(user, name, value)
        details = {"name": user.name, "from": before, "to": value}
        audit(session, f"user.{name}_changed", actor_id=actor.user_id, object_id=user_id, details=details)
    await withdraw_what_is_no_longer_theirs(session, user_id, actor)
    return _read(*await member_queries.present_user(session, user_id))


async def password_link(session: AsyncSession, user_id: UUID, actor: Person) -> LinkCreated:
    """Make a link with which somebody chooses a new password. The old one works until then.

    Raises:
        UserNotFound: there is no such account.
    """
    user = await queries.user(session, user_id)
    if user is None:
        raise UserNotFound
    about = {"user_id": user_id, "created_by": actor.user_id}
    link, secret = make_link(session, LinkKind.password, lasts=PASSWORD_LINK, **about)
    await session.flush()
    audit(session, "password.link_made", actor_id=actor.user_id, object_id=user_id, details={"name": user.name})
    await session.refresh(link, ["expires_at"])
    return LinkCreated(id=link.id, path=f"{PAGE}#{secret}", expires_at=link.expires_at)


def _read(user: User, num_projects: int, seen: datetime | None) -> UserRead:
    return UserRead(
        id=user.id,
        name=user.name,
        login=user.login,
        email=user.email,
        is_admin=user.is_admin,
        disabled=user.disabled,
        num_projects=num_projects,
        last_seen_at=seen,
        created_at=user.created_at,
    )
