"""Routes of the models and of the default model."""

from collections.abc import Sequence

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.model_client.dependency import Client
from backend.model_client.problems import ModelServerUnavailable, ModelUnusable
from backend.models import queries, service
from backend.models.model_change import MODEL_CHANGE
from backend.models.problems import NothingToRollBack, UnknownModel
from backend.models.schemas import DefaultModelBody, ModelInfoRead, ModelsRead, ModelVersionRead
from backend.page import AskedPage, BadCursor
from backend.problems import problems

router = APIRouter(prefix="/api", tags=["models"])


@router.get("/model", responses=problems(ModelServerUnavailable), dependencies=[access(Permission.view)])
async def read_model(client: Client) -> ModelInfoRead:
    """The default model, which answers the prompts of projects that chose none."""
    return await service.read_model(client)


@router.get("/models", responses=problems(ModelServerUnavailable), dependencies=[access(Permission.view)])
async def list_models(session: Session, client: Client, actor: Actor) -> ModelsRead:
    """All models that a project can choose, default first, each with your projects that chose it."""
    return await service.read_models(session, client, actor)


@router.put(
    "/models/default",
    dependencies=[access(Permission.administer), MODEL_CHANGE],
    responses=problems(UnknownModel, ModelUnusable, ModelServerUnavailable),
)
async def promote_default_model(body: DefaultModelBody, session: Session, client: Client, actor: Actor) -> ModelsRead:
    """Make a model the default. Projects that chose none use it from their next prompt on."""
    return await service.promote_default(session, client, body.model, actor=actor)


@router.post(
    "/models/default/roll-back",
    dependencies=[access(Permission.administer), MODEL_CHANGE],
    responses=problems(NothingToRollBack, ModelServerUnavailable),
)
async def roll_back_default_model(session: Session, client: Client, actor: Actor) -> ModelsRead:
    """Return to the default model before the last promotion."""
    return await service.roll_back_default(session, client, actor=actor)


@router.get("/model-versions", responses=problems(BadCursor), dependencies=[access(Permission.view)])
async def list_model_versions(session: Session, page: AskedPage) -> Sequence[ModelVersionRead]:
    """The names of the versions that made masks, including those of removed models, in pages, latest first."""
    return await queries.known_versions(session, page)
