"""Routes of the site's accounts and its whole audit trail, for administrators."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.page import AskedPage, BadCursor
from backend.people import accounts, members, trail
from backend.people.member_schemas import (
    AccountInvitationCreate,
    AuditPage,
    InvitationRead,
    LinkCreated,
    UserRead,
    UserUpdate,
)
from backend.people.problems import InvitationNotFound, LastAdministrator, SignedInLocally, UserNotFound
from backend.people.sign_in.settings_dependency import SiteSettings
from backend.people.sign_in.sign_ins import require_accounts
from backend.people.trail import Before, Limit
from backend.problems import problems

router = APIRouter(prefix="/api", tags=["accounts"])


@router.get("/users", responses=problems(BadCursor), dependencies=[access(Permission.administer)])
async def list_users(session: Session, page: AskedPage) -> Sequence[UserRead]:
    """The accounts of the site by name, in pages: the Link header names the next one."""
    return await accounts.list_users(session, page)


@router.patch(
    "/users/{user_id}",
    responses=problems(UserNotFound, LastAdministrator),
    dependencies=[access(Permission.administer)],
)
async def update_user(user_id: UUID, body: UserUpdate, session: Session, actor: Actor) -> UserRead:
    """Rename an account, grant or withdraw administration, or disable or enable it. Disabling signs it out."""
    return await accounts.update_user(session, user_id, body, actor)


@router.post(
    "/users/{user_id}/password-link",
    status_code=201,
    responses=problems(UserNotFound, SignedInLocally),
    dependencies=[access(Permission.administer)],
)
async def make_password_link(user_id: UUID, session: Session, actor: Actor, settings: SiteSettings) -> LinkCreated:
    """Make a one-time link for somebody who forgot their password."""
    require_accounts(settings)
    return await accounts.password_link(session, user_id, actor)


@router.post(
    "/invitations",
    status_code=201,
    responses=problems(SignedInLocally),
    dependencies=[access(Permission.administer)],
)
async def invite_to_site(
    body: AccountInvitationCreate, session: Session, actor: Actor, settings: SiteSettings
) -> LinkCreated:
    """Make an invitation to the site, without a project."""
    require_accounts(settings)
    return await members.make_invitation(session, actor, body, project_id=None, role=None)


@router.get("/invitations", responses=problems(BadCursor), dependencies=[access(Permission.administer)])
async def list_site_invitations(session: Session, page: AskedPage) -> Sequence[InvitationRead]:
    """Invitations to the site that nobody has used yet, newest first, in pages: the Link header names the next one."""
    return await members.list_invitations(session, None, page)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    responses=problems(InvitationNotFound),
    dependencies=[access(Permission.administer)],
)
async def withdraw_site_invitation(invitation_id: UUID, session: Session, actor: Actor) -> None:
    """Withdraw an invitation."""
    await members.withdraw_invitation(session, invitation_id, actor, project_id=None)


@router.get("/audit", dependencies=[access(Permission.administer)])
async def site_audit(session: Session, before: Before = None, limit: Limit = 100) -> AuditPage:
    """Who changed what on the whole site, newest first."""
    return await trail.read_trail(session, project_id=None, before=before, limit=limit)
