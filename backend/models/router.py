from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.authorization import Action
from backend.db.session import Session
from backend.model_client.dependency import Client
from backend.model_client.refusals import ModelServerUnavailable
from backend.models import queries, service
from backend.models.schemas import ModelInfoRead, ModelsRead, ModelVersionRead
from backend.problems import problems
from backend.settings import Settings

router = APIRouter(prefix="/api", tags=["models"])


def _settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


@router.get("/model", responses=problems(ModelServerUnavailable), dependencies=[access(Action.view)])
async def read_model(client: Client, settings: Annotated[Settings, Depends(_settings)]) -> ModelInfoRead:
    """The neural network that answers the prompts of projects that chose none."""
    return await service.read_model(client, settings)


@router.get("/models", responses=problems(ModelServerUnavailable), dependencies=[access(Action.view)])
async def list_models(session: Session, client: Client, actor: Actor) -> ModelsRead:
    """Every model a project can choose, the default one first, and which of your projects chose it."""
    return await service.read_models(session, client, actor)


@router.get("/model-versions", dependencies=[access(Action.view)])
async def list_model_versions(session: Session) -> Sequence[ModelVersionRead]:
    """The names of the versions that masks are marked with, also of models that were removed."""
    return await queries.known_versions(session)
