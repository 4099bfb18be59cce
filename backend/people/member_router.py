"""Routes of a project's members, invitations and audit trail."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.page import AskedPage, BadCursor
from backend.people import members, trail
from backend.people.member_schemas import (
    AuditPage,
    InvitationCreate,
    InvitationRead,
    LinkCreated,
    MemberRead,
    MemberUpdate,
)
from backend.people.problems import InvitationNotFound, LastManager, MemberNotFound, SignedInLocally
from backend.people.sign_in.settings_dependency import SiteSettings
from backend.people.sign_in.sign_ins import require_accounts
from backend.people.trail import Before, Limit
from backend.problems import problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT

router = APIRouter(prefix="/api/projects/{project_id}", tags=["members"])


@router.get("/members", responses=problems(ProjectNotFound, BadCursor), dependencies=[access(Permission.view, PROJECT)])
async def list_members(project_id: UUID, session: Session, actor: Actor, page: AskedPage) -> Sequence[MemberRead]:
    """A project's members and their roles by name, in pages: the Link header names the next one."""
    return await members.list_members(session, project_id, actor, page)


@router.put(
    "/members/{user_id}",
    responses=problems(ProjectNotFound, MemberNotFound, LastManager),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def set_role(project_id: UUID, user_id: UUID, body: MemberUpdate, session: Session, actor: Actor) -> MemberRead:
    """Change a member's role. An administrator may also add anybody who has an account."""
    return await members.set_role(session, project_id, user_id, body.role, actor)


@router.delete(
    "/members/{user_id}",
    status_code=204,
    responses=problems(ProjectNotFound, MemberNotFound, LastManager),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def remove_member(project_id: UUID, user_id: UUID, session: Session, actor: Actor) -> None:
    """Remove a member. Their work stays; their open streams end within seconds."""
    await members.remove_member(session, project_id, user_id, actor)


@router.post(
    "/invitations",
    status_code=201,
    responses=problems(ProjectNotFound, SignedInLocally),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def invite(
    project_id: UUID, body: InvitationCreate, session: Session, actor: Actor, settings: SiteSettings
) -> LinkCreated:
    """Make an invitation link. The first person to open it gets the role, with an existing account or a new one."""
    require_accounts(settings)
    return await members.invite(session, project_id, body, actor)


@router.get(
    "/invitations", responses=problems(ProjectNotFound, BadCursor), dependencies=[access(Permission.manage, PROJECT)]
)
async def list_invitations(project_id: UUID, session: Session, page: AskedPage) -> Sequence[InvitationRead]:
    """Invitations that nobody has used yet, newest first, in pages: the Link header names the next one."""
    return await members.list_invitations(session, project_id, page)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    responses=problems(ProjectNotFound, InvitationNotFound),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def withdraw_invitation(project_id: UUID, invitation_id: UUID, session: Session, actor: Actor) -> None:
    """Withdraw an invitation."""
    await members.withdraw_invitation(session, invitation_id, actor, project_id=project_id)


@router.get("/audit", responses=problems(ProjectNotFound), dependencies=[access(Permission.manage, PROJECT)])
async def project_audit(project_id: UUID, session: Session, before: Before = None, limit: Limit = 100) -> AuditPage:
    """Who changed members, roles, exports, verdicts and videos of this project, newest first."""
    return await trail.read_trail(session, project_id=project_id, before=before, limit=limit)
