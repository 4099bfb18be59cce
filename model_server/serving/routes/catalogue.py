"""Routes about models: which there are, and which is the default."""

import asyncio
from contextlib import suppress
from functools import partial

from fastapi import APIRouter

from model_server.contract.catalogue import MAX_DECISIONS, CatalogueRead, ModelRead, PromoteRequest, RollBackRequest
from model_server.models.catalogue import promotions
from model_server.models.catalogue.entry import Entry
from model_server.serving.models.messages import catalogue_entry, decision_read, model_read
from model_server.serving.problems import MalformedRequest, ModelServerError, NoPromotionStands
from model_server.serving.routes.server import Server, Serving

router = APIRouter(prefix="/v1")


@router.get("/model")
async def model(server: Serving) -> ModelRead:
    """The default model, loaded first if it was promoted since, and the server's load."""
    segmenter = await server.loader.wanted(None)
    sessions = server.sessions
    return model_read(segmenter.info, num_sessions=len(sessions), memory_bytes=sessions.memory_bytes)


@router.get("/models")
async def models(server: Serving) -> CatalogueRead:
    """The models that sessions can use, looked up now."""
    return await _catalogue(server)


@router.put("/default")
async def promote(body: PromoteRequest, server: Serving) -> CatalogueRead:
    """Make a model the default, provided that it can be loaded."""
    await server.loader.wanted(body.model)
    entry: Entry | None = await asyncio.to_thread(server.shelf.find, body.model)
    if entry is None:
        raise MalformedRequest(f"{body.model} was given by its path: add it to the catalogue first")
    await asyncio.to_thread(partial(server.shelf.promotions.promote, entry, by=body.by))
    await server.loader.wanted(None)
    return await _catalogue(server)


@router.post("/default/roll-back")
async def roll_back(body: RollBackRequest, server: Serving) -> CatalogueRead:
    """Undo the last promotion."""
    try:
        await asyncio.to_thread(partial(server.shelf.promotions.roll_back, by=body.by))
    except promotions.NothingToRollBack as error:
        raise NoPromotionStands(str(error)) from error
    with suppress(ModelServerError):  # the decision stands even if that model cannot be loaded now
        await server.loader.wanted(None)
    return await _catalogue(server)


async def _catalogue(server: Server) -> CatalogueRead:
    loader, shelf = server.loader, server.shelf
    configured = loader.configured
    entries = await asyncio.to_thread(shelf.entries, configured)
    versions = {info.version for info in loader.loaded}
    default = shelf.promoted or (None if configured is None else configured.name)
    return CatalogueRead(
        default=default,
        models=tuple(
            catalogue_entry(entry, versions, shelf.weights_problem(entry) or loader.problem(entry)) for entry in entries
        ),
        decisions=tuple(decision_read(made) for made in shelf.promotions.history()[: -1 - MAX_DECISIONS : -1]),
        can_roll_back=shelf.promotions.current() is not None,
    )
