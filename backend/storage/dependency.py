"""The dependency by which routes get the object store."""

from typing import Annotated

from fastapi import Depends, Request

from backend.storage.objects import ObjectStore


async def _store(request: Request) -> ObjectStore:
    store: ObjectStore = request.state.store
    return store


Store = Annotated[ObjectStore, Depends(_store)]
"""The object store of proxies, posters and exports."""
