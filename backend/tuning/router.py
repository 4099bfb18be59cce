"""Routes of tunings, and of the model that a project uses."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.jobs.dependency import Queue
from backend.masklets.headers import AuthorHeaders
from backend.model_client.dependency import Client
from backend.model_client.problems import ModelServerUnavailable
from backend.models.model_change import MODEL_CHANGE
from backend.models.problems import NothingToRollBack, UnknownModel
from backend.models.schemas import ProjectModelRead
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.tuning import service
from backend.tuning.problems import ModelNameTaken, TuningEnded, TuningNotDone, TuningNotFound
from backend.tuning.resource import TUNING
from backend.tuning.schemas import DecisionBody, TuningCreate, TuningPlan, TuningRead
from backend.tuning.service import OBSTACLES

router = APIRouter(prefix="/api", tags=["tuning"])
_MODEL_ERRORS = (UnknownModel, ModelServerUnavailable)


@router.get(
    "/projects/{project_id}/tuning-plan",
    responses=problems(ProjectNotFound, *_MODEL_ERRORS),
    dependencies=[access(Permission.view, PROJECT)],
)
async def read_tuning_plan(project_id: UUID, session: Session, client: Client) -> TuningPlan:
    """What a tuning of the project would use, and the reason if it cannot be started."""
    return await service.read_plan(session, client, project_id)


@router.post(
    "/projects/{project_id}/tunings",
    status_code=202,
    dependencies=[access(Permission.manage, PROJECT)],
    responses=problems(ProjectNotFound, ModelNameTaken, IdempotencyKeyReused, *OBSTACLES, *_MODEL_ERRORS),
)
async def start_tuning(
    project_id: UUID, body: TuningCreate, author: AuthorHeaders, session: Session, client: Client, queue: Queue
) -> TuningRead:
    """Train the project's model on its satisfactory masklets, in the background."""
    return await service.start(session, project_id, body, author, client=client, queue=queue)


@router.get(
    "/projects/{project_id}/tunings",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.view, PROJECT)],
)
async def list_tunings(project_id: UUID, session: Session, page: AskedPage) -> Sequence[TuningRead]:
    """A project's tunings, newest first, in pages: the Link header names the next one."""
    return await service.list_tunings(session, project_id, page)


@router.get("/tunings/{tuning_id}", responses=problems(TuningNotFound), dependencies=[access(Permission.view, TUNING)])
async def read_tuning(tuning_id: UUID, session: Session) -> TuningRead:
    return await service.read(session, tuning_id)


@router.post(
    "/tunings/{tuning_id}/cancel",
    status_code=202,
    dependencies=[access(Permission.manage, TUNING)],
    responses=problems(TuningNotFound, TuningEnded),
)
async def cancel_tuning(tuning_id: UUID, session: Session) -> TuningRead:
    """Cancel a tuning. Nothing of it is kept."""
    return await service.cancel(session, tuning_id)


@router.put(
    "/tunings/{tuning_id}/decision",
    dependencies=[access(Permission.manage, TUNING), MODEL_CHANGE],
    responses=problems(TuningNotFound, TuningNotDone, *_MODEL_ERRORS),
)
async def decide_on_tuning(
    tuning_id: UUID,
    body: DecisionBody,
    session: Session,
    client: Client,
    actor: Actor,
) -> TuningRead:
    """Use the new model in the project from its next prompt on, or keep the old one."""
    return await service.decide(session, client, tuning_id, body.decision, actor_id=actor.user_id)


@router.get(
    "/projects/{project_id}/model", responses=problems(ProjectNotFound), dependencies=[access(Permission.view, PROJECT)]
)
async def read_project_model(project_id: UUID, session: Session) -> ProjectModelRead:
    """The project's model, and all changes of it."""
    return await service.read_model(session, project_id)


@router.post(
    "/projects/{project_id}/model/roll-back",
    dependencies=[access(Permission.manage, PROJECT), MODEL_CHANGE],
    responses=problems(ProjectNotFound, NothingToRollBack, *_MODEL_ERRORS),
)
async def roll_back_project_model(project_id: UUID, session: Session, client: Client, actor: Actor) -> ProjectModelRead:
    """Return the project to its previous model."""
    return await service.roll_back(session, client, project_id, actor_id=actor.user_id)
