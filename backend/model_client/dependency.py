"""The model servers as a dependency of routes."""

from typing import Annotated

from fastapi import Depends, Request

from backend.model_client.fleet import Fleet


def _client(request: Request) -> Fleet:
    client: Fleet = request.state.model_client
    return client


Client = Annotated[Fleet, Depends(_client)]
"""The model servers, for a route that asks which models there are."""
