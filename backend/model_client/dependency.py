"""The dependency by which routes get the model servers."""

from typing import Annotated

from fastapi import Depends, Request

from backend.model_client.fleet import Fleet


async def _client(request: Request) -> Fleet:
    client: Fleet = request.state.model_client
    return client


Client = Annotated[Fleet, Depends(_client)]
"""The model servers, for routes about models."""
