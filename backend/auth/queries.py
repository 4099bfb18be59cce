"""Queries for credentials, and for the projects that a person may see."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.auth.authorization import InProject
from backend.auth.person import Person
from backend.auth.resource import Resource
from backend.tables import ApiToken, Membership, SignIn, User, Video

_A_MINUTE = timedelta(minutes=1)


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def signed_in(session: AsyncSession, token_sha256: str, *, idle: timedelta) -> tuple[SignIn, User] | None:
    """The sign-in with this cookie's hash, and its person; None once it has ended, by the database's clock."""
    found = (
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_sha256 == token_sha256,
            SignIn.expires_at > func.now(),
            SignIn.last_seen_at > func.now() - idle,
            ~User.disabled,
        )
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])


async def token_holder(session: AsyncSession, token_sha256: str) -> tuple[ApiToken, User] | None:
    """The API token with this hash, and its person; None once it has expired or was revoked."""
    found = (
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_sha256 == token_sha256,
            ApiToken.expires_at > func.now(),
            ApiToken.revoked_at.is_(None),
            ~User.disabled,
        )
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])


async def note_seen(session: AsyncSession, sign_in_id: UUID) -> None:
    """Note that a sign-in was used, at most once a minute, so that reads do not cause writes."""
    stale = SignIn.last_seen_at < func.now() - _A_MINUTE
    await session.execute(update(SignIn).where(SignIn.id == sign_in_id, stale).values(last_seen_at=func.now()))


async def note_used(session: AsyncSession, token_id: UUID) -> None:
    """Note that a token was used, at most once a minute."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < func.now() - _A_MINUTE)
    await session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=func.now()))


async def locate(session: AsyncSession, resource: Resource, object_id: UUID, *, user_id: UUID) -> InProject | None:
    """The object's project and the person's role there, in one query; None if there is no such object."""
    project_id = _project_of(resource, object_id).subquery().c[0]
    mine = and_(Membership.project_id == project_id, Membership.user_id == user_id)
    row = (await session.execute(select(project_id, Membership.role).outerjoin(Membership, mine))).one_or_none()
    return None if row is None else InProject(row[0], row[1])


def seen_by(person: Person, project_id: InstrumentedAttribute[UUID] | ColumnElement[Any]) -> ColumnElement[bool]:
    """A WHERE condition: the person may see the project. Queries need it where no route's path names the project."""
    limit = person.scope.project_id if person.scope else None
    within = true() if limit is None else project_id == limit
    if person.is_admin:
        return within
    mine = exists().where(Membership.project_id == project_id, Membership.user_id == person.user_id)
    return and_(within, mine)


def _project_of(resource: Resource, object_id: UUID) -> Select[UUID]:
    if resource.project_id is not None:
        return select(resource.project_id).where(resource.id == object_id)
    return select(Video.project_id).where(Video.id == resource.video_id, resource.id == object_id)
