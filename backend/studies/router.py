"""Routes to plan, start, read and close studies."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.masklets.headers import IdempotencyKey
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.studies import service
from backend.studies.problems import StudyNotFound, StudyNotReady, StudyUnfit
from backend.studies.resource import STUDY
from backend.studies.schemas import StudyChoices, StudyCreate, StudyDetails, StudyRead
from backend.videos.problems import VideoNotReady

router = APIRouter(prefix="/api", tags=["studies"])


@router.get(
    "/projects/{project_id}/studies",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def list_studies(project_id: UUID, session: Session, page: AskedPage) -> Sequence[StudyRead]:
    """A project's studies, newest first, in pages: the Link header names the next one."""
    return await service.list_studies(session, project_id, page)


@router.get(
    "/projects/{project_id}/study-choices",
    responses=problems(ProjectNotFound),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def read_study_choices(project_id: UUID, session: Session) -> StudyChoices:
    """The objects and people that a study can include."""
    return await service.read_choices(session, project_id)


@router.post(
    "/projects/{project_id}/studies",
    status_code=201,
    responses=problems(ProjectNotFound, StudyUnfit, IdempotencyKeyReused),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def create_study(
    project_id: UUID, body: StudyCreate, idempotency_key: IdempotencyKey, session: Session, actor: Actor
) -> StudyDetails:
    """Plan a study; the idempotency key becomes its id."""
    return await service.create_study(session, project_id, body, study_id=idempotency_key, actor_id=actor.user_id)


@router.get("/studies/{study_id}", responses=problems(StudyNotFound), dependencies=[access(Permission.manage, STUDY)])
async def read_study(study_id: UUID, session: Session) -> StudyDetails:
    """A study's plan and everybody's progress."""
    return await service.read_study(session, study_id)


@router.post(
    "/studies/{study_id}/start",
    responses=problems(StudyNotFound, StudyNotReady, VideoNotReady),
    dependencies=[access(Permission.manage, STUDY)],
)
async def start_study(study_id: UUID, session: Session, actor: Actor) -> StudyDetails:
    """Start a study: everybody gets their copies and tasks. Safe to repeat."""
    return await service.start_study(session, study_id, actor_id=actor.user_id)


@router.post(
    "/studies/{study_id}/close",
    responses=problems(StudyNotFound),
    dependencies=[access(Permission.manage, STUDY)],
)
async def close_study(study_id: UUID, session: Session) -> StudyDetails:
    """Close a study, or give up one that was only planned: unfinished tasks leave the queue, and all work stays.

    Safe to repeat.
    """
    return await service.close_study(session, study_id)
