"""Queries for credentials, and for the projects that a person may see."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Interval,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.auth.authorization import InProject
from backend.auth.permissions import TOKEN_PERMISSIONS, Permission, roles_with
from backend.auth.person import Person, TokenScope, Way
from backend.auth.resource import Resource
from backend.tables import ApiToken, Membership, SignIn, User, Video
from backend.tables.states import Role
from backend.tables.user import LOCAL_OWNER_ID

_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """The object that a request's path names."""

    resource: Resource
    object_id: UUID


@dataclass(frozen=True, slots=True)
class Known:
    """A person, and the project and role that they have where the request is; None if there is no such object."""

    person: Person
    where: InProject | None


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def signed_in(session: AsyncSession, token_sha256: str, *, idle: timedelta, at: Place | None) -> Known | None:
    """The person of the sign-in with this cookie's hash; None once it has ended, by the database's clock."""
    row: Any = (
        await session.execute(_by_cookie(at and at.resource), _values(token_sha256, at) | {"idle": idle})
    ).first()
    if row is None:
        return None
    sign_in_id, stale = row[0], row[1]
    if stale:
        await _note_seen(session, sign_in_id)
    person = Person(row[2], row[3], row[4], Way.browser, None, sign_in_id)
    return Known(person, _where(row[5:]))


async def token_holder(session: AsyncSession, token_sha256: str, *, at: Place | None) -> Known | None:
    """The person of the API token with this hash, and its scope; None once it has expired or was revoked."""
    row: Any = (await session.execute(_by_token(at and at.resource), _values(token_sha256, at))).first()
    if row is None:
        return None
    token_id, stale, limit, scope = row[0], row[1], row[-2], row[-1]
    if stale:
        await _note_used(session, token_id)
    person = Person(row[2], row[3], row[4], Way.token, _scope(scope, limit), token_id)
    return Known(person, _where(row[5:-2]))


async def _note_seen(session: AsyncSession, *sign_in_ids: UUID) -> None:
    """Note that sign-ins were used, at most once a minute, so that reads do not cause writes."""
    stale = SignIn.last_seen_at < func.now() - _A_MINUTE
    await session.execute(update(SignIn).where(SignIn.id.in_(sign_in_ids), stale).values(last_seen_at=func.now()))


async def _note_used(session: AsyncSession, token_id: UUID) -> None:
    """Note that a token was used, at most once a minute."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < func.now() - _A_MINUTE)
    await session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=func.now()))


@cache  # by every request, and composing a statement takes longer than Postgres takes to answer it
def _by_cookie(resource: Resource | None) -> Any:
    stale = SignIn.last_seen_at < func.now() - _A_MINUTE
    found = (
        select(SignIn.id, stale, User.id, User.name, User.is_admin)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_sha256 == bindparam("secret"),
            SignIn.expires_at > func.now(),
            SignIn.last_seen_at > func.now() - bindparam("idle", type_=Interval),
            ~User.disabled,
        )
    )
    return _with_place(found, resource)


@cache
def _by_token(resource: Resource | None) -> Any:
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < func.now() - _A_MINUTE)
    found = (
        select(ApiToken.id, stale, User.id, User.name, User.is_admin)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_sha256 == bindparam("secret"),
            ApiToken.expires_at > func.now(),
            ApiToken.revoked_at.is_(None),
            ~User.disabled,
        )
    )
    return _with_place(found, resource).add_columns(ApiToken.project_id, ApiToken.scope)


def _with_place(found: Any, resource: Resource | None) -> Any:
    """Add the project of the object that the request names, and the person's role there."""
    if resource is None:
        return found
    place = _project_of(resource, bindparam("object_id", type_=Uuid)).subquery()
    mine = and_(Membership.project_id == place.c[0], Membership.user_id == User.id)
    joined = found.outerjoin(place, true()).outerjoin(Membership, mine)
    return joined.add_columns(place.c[0], Membership.role)


def _values(token_sha256: str, at: Place | None) -> dict[str, Any]:
    return {"secret": token_sha256} if at is None else {"secret": token_sha256, "object_id": at.object_id}


def _where(place: Sequence[Any]) -> InProject | None:
    return InProject(place[0], place[1]) if place and place[0] is not None else None


@dataclass(frozen=True, slots=True)
class Credential:
    """What a sign-in or an API token is worth now. A sign-in has no scope."""

    is_admin: bool
    scope: TokenScope | None


async def present_credentials(
    session: AsyncSession, ids: Collection[UUID], *, idle: timedelta
) -> dict[UUID, Credential]:
    """Those of these sign-ins and API tokens that still hold, by id. Who has something open counts as seen."""
    browsers = select(SignIn.id, User.is_admin, SignIn.last_seen_at < func.now() - _A_MINUTE)
    browsers = browsers.join(User, User.id == SignIn.user_id).where(
        SignIn.id.in_(ids), SignIn.expires_at > func.now(), SignIn.last_seen_at > func.now() - idle, ~User.disabled
    )
    programs = select(ApiToken.id, User.is_admin, ApiToken.scope, ApiToken.project_id)
    programs = programs.join(User, User.id == ApiToken.user_id).where(
        ApiToken.id.in_(ids), ApiToken.expires_at > func.now(), ApiToken.revoked_at.is_(None), ~User.disabled
    )
    seen = (await session.execute(browsers)).all()
    if stale := [row[0] for row in seen if row[2]]:
        await _note_seen(session, *stale)
    found = {row[0]: Credential(row[1], None) for row in seen}
    return found | {row[0]: Credential(row[1], _scope(row[2], row[3])) for row in await session.execute(programs)}


async def present_roles(session: AsyncSession, places: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Role]:
    """People's roles by (project, person)."""
    here = tuple_(Membership.project_id, Membership.user_id).in_(places)
    rows = await session.execute(select(Membership.project_id, Membership.user_id, Membership.role).where(here))
    return {(row[0], row[1]): row[2] for row in rows}


def _scope(words: Collection[object], project_id: UUID | None) -> TokenScope:
    return TokenScope(frozenset(each for each in TOKEN_PERMISSIONS if each in set(words)), project_id)


async def locate(session: AsyncSession, resource: Resource, object_id: UUID, *, user_id: UUID) -> InProject | None:
    """The object's project and the person's role there, in one query; None if there is no such object."""
    project_id = _project_of(resource, object_id).subquery().c[0]
    mine = and_(Membership.project_id == project_id, Membership.user_id == user_id)
    row = (await session.execute(select(project_id, Membership.role).outerjoin(Membership, mine))).one_or_none()
    return None if row is None else InProject(row[0], row[1])


def has_role(
    user_id: Any, project_id: Any, fits: Callable[[InstrumentedAttribute[Role]], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """A WHERE condition: the person is able to act in the project, by a present role that fits or without any."""
    person, member = aliased(User), aliased(Membership)  # the query may have tables of people itself
    mine = exists().where(member.project_id == project_id, member.user_id == user_id, fits(member.role))
    # Until the machine's owner has an account, they work locally, where everything is theirs.
    needs_no_role = or_(person.is_admin, and_(person.id == LOCAL_OWNER_ID, person.login.is_(None)))
    by_role = mine.correlate_except(member)
    able = exists().where(person.id == user_id, ~person.disabled, or_(needs_no_role, by_role))
    return able.correlate_except(person)


async def still_may(session: AsyncSession, user_id: UUID, permission: Permission, project_id: UUID) -> bool:
    """Whether a person has a permission in a project by now: for work that goes on after their request."""
    roles = roles_with(permission)
    return bool(await session.scalar(select(has_role(user_id, project_id, lambda role: role.in_(roles)))))


def seen_by(person: Person, project_id: InstrumentedAttribute[UUID] | ColumnElement[Any]) -> ColumnElement[bool]:
    """A WHERE condition: the person may see the project. Queries need it where no route's path names the project."""
    values = asker(person)
    return _seen(project_id, {name: literal(values[name], kind) for name, kind in _ASKER.items()})


def seen_by_asker(project_id: InstrumentedAttribute[UUID] | ColumnElement[Any]) -> ColumnElement[bool]:
    """The same for statements that are composed once, and executed with the values of `asker`."""
    return _seen(project_id, {name: bindparam(name, type_=kind) for name, kind in _ASKER.items()})


def asker(person: Person) -> dict[str, Any]:
    """Who asks, as values of such a statement."""
    limit = person.scope.project_id if person.scope else None
    return {"asker_id": person.user_id, "asker_is_admin": person.is_admin, "asker_limit": limit}


_ASKER: dict[str, Any] = {"asker_id": Uuid, "asker_is_admin": Boolean, "asker_limit": Uuid}


def _seen(project_id: Any, who: dict[str, BindParameter[Any]]) -> ColumnElement[bool]:
    limit = who["asker_limit"]
    mine = exists().where(Membership.project_id == project_id, Membership.user_id == who["asker_id"])
    return and_(or_(limit.is_(None), project_id == limit), or_(who["asker_is_admin"], mine))


def _project_of(resource: Resource, object_id: UUID | BindParameter[UUID]) -> Select[UUID]:
    if resource.project_id is not None:
        return select(resource.project_id).where(resource.id == object_id)
    return select(Video.project_id).where(Video.id == resource.video_id, resource.id == object_id)
