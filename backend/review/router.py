"""Routes of the review queue and of verdicts."""

from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.masklets.headers import EditHeaders
from backend.masklets.problems import EDIT_ERRORS, MaskletNotFound
from backend.masklets.resource import MASKLET
from backend.masklets.schemas import MaskletRead
from backend.page import AskedPage, BadCursor
from backend.problems import problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.review import service
from backend.review.problems import MaskletIncomplete, NotThatLong, NoVerdict, OwnWork
from backend.review.schemas import PastVerdict, ReviewItem, VerdictCreate, VerdictRead

router = APIRouter(prefix="/api", tags=["review"])


@router.get(
    "/projects/{project_id}/review",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.view, PROJECT)],
)
async def review_queue(project_id: UUID, session: Session, actor: Actor, page: AskedPage) -> list[ReviewItem]:
    """Masklets that are waiting for your verdict, riskiest first: the verify tasks that you hold or could claim.

    In pages: the Link header names the next one.
    """
    return await service.review_queue(session, project_id, page, actor=actor)


@router.get(
    "/masklets/{masklet_id}/verdicts",
    responses=problems(MaskletNotFound, BadCursor),
    dependencies=[access(Permission.view, MASKLET)],
)
async def list_verdicts(masklet_id: UUID, session: Session, page: AskedPage) -> list[PastVerdict]:
    """The verdicts that the masklet was given, latest first, withdrawn ones too.

    In pages: the Link header names the next one.
    """
    return await service.list_verdicts(session, masklet_id, page)


@router.post(
    "/masklets/{masklet_id}/verdicts",
    status_code=201,
    responses=problems(*EDIT_ERRORS, MaskletIncomplete, OwnWork, NotThatLong),
    dependencies=[access(Permission.verify, MASKLET)],
)
async def record_verdict(masklet_id: UUID, body: VerdictCreate, editor: EditHeaders, session: Session) -> VerdictRead:
    """Give a verdict on the masklet at the version in If-Match. Any later edit voids the verdict."""
    return await service.record_verdict(session, masklet_id, body, editor)


@router.delete(
    "/masklets/{masklet_id}/verdicts/latest",
    responses=problems(*EDIT_ERRORS, NoVerdict),
    dependencies=[access(Permission.verify, MASKLET)],
)
async def withdraw_verdict(masklet_id: UUID, editor: EditHeaders, session: Session) -> MaskletRead:
    """Withdraw the latest verdict; the masklet is waiting for one again."""
    return await service.withdraw_verdict(session, masklet_id, editor)
