from typing import Annotated

from fastapi import Depends, Request

from backend.model_client.client import ModelClient


def _client(request: Request) -> ModelClient:
    client: ModelClient = request.state.model_client
    return client


Client = Annotated[ModelClient, Depends(_client)]
"""The model server, for a route that asks it."""
