from typing import Annotated

from fastapi import APIRouter, Depends, Request

from backend.model_client.client import ModelClient
from backend.model_client.refusals import ModelServerUnavailable
from backend.models import service
from backend.models.schemas import ModelInfoRead
from backend.problems import problems
from backend.settings import Settings

router = APIRouter(prefix="/api", tags=["models"])


def _client(request: Request) -> ModelClient:
    client: ModelClient = request.state.model_client
    return client


def _settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


@router.get("/model", responses=problems(ModelServerUnavailable))
async def read_model(
    client: Annotated[ModelClient, Depends(_client)], settings: Annotated[Settings, Depends(_settings)]
) -> ModelInfoRead:
    """The neural network that answers prompts just now."""
    return await service.read_model(client, settings)
