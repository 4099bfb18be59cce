"""Manage the members of a project and the invitations to it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.authorization import InProject, allowed
from backend.auth.permissions import Permission
from backend.auth.person import Person
from backend.page import Page
from backend.people import member_queries, queries
from backend.people.member_schemas import (
    AccountInvitationCreate,
    InvitationCreate,
    InvitationRead,
    LinkCreated,
    MemberRead,
)
from backend.people.problems import InvitationNotFound, LastManager, MemberNotFound
from backend.people.sign_in import link_queries
from backend.people.sign_in.links import PAGE, make_link
from backend.people.withdrawal import withdraw_what_is_no_longer_theirs
from backend.projects.problems import ProjectNotFound
from backend.tables import Membership, OneTimeLink, User
from backend.tables.states import LinkKind, Role
from backend.tables.user import login_key


async def list_members(session: AsyncSession, project_id: UUID, actor: Person, page: Page) -> list[MemberRead]:
    """List a page of the members by name. Only managers see logins, which are often e-mail addresses."""
    if not await member_queries.project_exists(session, project_id):
        raise ProjectNotFound
    mine = await queries.membership(session, project_id, actor.user_id)
    manages = Permission.manage in allowed(actor, InProject(project_id, mine.role if mine else None))
    found = await member_queries.members(session, project_id, page)
    return [_read(membership, user, manages=manages) for membership, user in found]


async def set_role(session: AsyncSession, project_id: UUID, user_id: UUID, role: Role, actor: Person) -> MemberRead:
    """Change a member's role. An administrator may also add somebody who has an account.

    Raises:
        MemberNotFound: nobody in the project has this id.
        LastManager: the project would have no manager.
    """
    members = await member_queries.lock_members(session, project_id)
    user = await queries.user(session, user_id)
    membership = members.get(user_id)
    if user is None or (membership is None and not actor.is_admin):
        raise MemberNotFound
    before = membership.role if membership else None
    if membership is None:
        if not await member_queries.project_exists(session, project_id):
            raise ProjectNotFound
        membership = Membership(project_id=project_id, user_id=user_id, role=role)
        session.add(membership)
    elif role is not Role.manager:
        await _require_another_manager(session, project_id, user_id)
    membership.role = role
    await session.flush()
    if before != role:
        details = {"name": user.name, "from": before, "to": role}
        action = "member.added" if before is None else "member.role_changed"
        audit(session, action, actor_id=actor.user_id, project_id=project_id, object_id=user_id, details=details)
        await withdraw_what_is_no_longer_theirs(session, user_id, actor)
    return _read(membership, user, manages=True)


async def remove_member(session: AsyncSession, project_id: UUID, user_id: UUID, actor: Person) -> None:
    """Remove a member. Their work stays, with their name.

    Raises:
        MemberNotFound: nobody in the project has this id.
        LastManager: the project would have no manager.
    """
    membership = (await member_queries.lock_members(session, project_id)).get(user_id)
    user = await queries.user(session, user_id)
    if membership is None or user is None:
        raise MemberNotFound
    await _require_another_manager(session, project_id, user_id)
    await session.delete(membership)
    details = {"name": user.name, "from": membership.role}
    audit(
        session,
        link_queries.MEMBER_REMOVED,
        actor_id=actor.user_id,
        project_id=project_id,
        object_id=user_id,
        details=details,
    )
    await withdraw_what_is_no_longer_theirs(session, user_id, actor)


async def invite(session: AsyncSession, project_id: UUID, body: InvitationCreate, actor: Person) -> LinkCreated:
    """Make a link that gives a role in the project to the first person who opens it."""
    if not await member_queries.project_exists(session, project_id):
        raise ProjectNotFound
    return await make_invitation(session, actor, body, project_id=project_id, role=body.role)


async def make_invitation(
    session: AsyncSession,
    actor: Person,
    body: InvitationCreate | AccountInvitationCreate,
    *,
    project_id: UUID | None,
    role: Role | None,
) -> LinkCreated:
    about = {"project_id": project_id, "role": role, "note": body.note, "email": body.email and login_key(body.email)}
    lasts = timedelta(days=body.days)
    link, secret = make_link(session, LinkKind.invitation, lasts=lasts, created_by=actor.user_id, **about)
    await session.flush()
    details = {"role": role, "note": body.note, **({"email": body.email} if body.email else {})}
    audit(
        session,
        "invitation.made",
        actor_id=actor.user_id,
        project_id=project_id,
        object_id=link.id,
        details=details,
    )
    await session.refresh(link, ["expires_at"])
    return LinkCreated(id=link.id, path=f"{PAGE}#{secret}", expires_at=link.expires_at)


async def list_invitations(session: AsyncSession, project_id: UUID | None, page: Page) -> list[InvitationRead]:
    """List a page of the unused invitations, newest first."""
    return [_invitation(link, name) for link, name in await link_queries.open_invitations(session, project_id, page)]


async def withdraw_invitation(session: AsyncSession, link_id: UUID, actor: Person, *, project_id: UUID | None) -> None:
    """Withdraw an unused invitation.

    Raises:
        InvitationNotFound: it was used, has expired, or belongs to another project.
    """
    link = await link_queries.withdraw_invitation(session, link_id, project_id=project_id)
    if link is None:
        raise InvitationNotFound
    details = {"role": link.role, "note": link.note}
    audit(
        session,
        "invitation.withdrawn",
        actor_id=actor.user_id,
        project_id=project_id,
        object_id=link_id,
        details=details,
    )


async def _require_another_manager(session: AsyncSession, project_id: UUID, user_id: UUID) -> None:
    managers = await member_queries.able_managers(session, project_id)
    if managers == {user_id}:
        raise LastManager


def _read(membership: Membership, user: User, *, manages: bool) -> MemberRead:
    return MemberRead(
        user_id=user.id,
        name=user.name,
        login=user.login if manages else None,
        role=membership.role,
        disabled=user.disabled,
        created_at=membership.created_at,
    )


def _invitation(link: OneTimeLink, name: str | None) -> InvitationRead:
    return InvitationRead(
        id=link.id,
        role=link.role,
        note=link.note,
        email=link.email,
        created_by=name,
        expires_at=link.expires_at,
        created_at=link.created_at,
    )
