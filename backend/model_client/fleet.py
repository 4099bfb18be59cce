"""The model servers of this deployment: which of them answer, and what they can do.

Usually there is one. Each is asked once a second how it is; a call that finds it gone says so at once.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from backend.model_client.catalogues import FleetCatalogue, together
from backend.model_client.client import ModelClient, model_client
from backend.model_client.problems import ModelFailed, ModelRefused, ModelServerUnavailable
from model_server.contract.catalogue import (
    CONTRACT_VERSION,
    CatalogueRead,
    HealthRead,
    ModelRead,
    PromoteRequest,
    RollBackRequest,
)

_log = structlog.get_logger()
_ASK_SECONDS = 1.0
_ROUNDS_BETWEEN_CATALOGUES = 5
_FAILURES = (ModelServerUnavailable, ModelRefused, ModelFailed)
_ABOUT_AS_FREE_BYTES = 512 * 2**20
_DEFAULT_URL = "http://127.0.0.1:8001"


class ModelServer:
    """One of them, and what is known of it."""

    def __init__(self, url: str, client: ModelClient) -> None:
        self.url = url
        self.name = urlsplit(url).netloc.rpartition("@")[2]
        self.client = client
        self.problem: str | None = "It has not answered yet."
        self.is_loading = False
        self.free_bytes = 0  # when it was last asked
        self._models: frozenset[str] = frozenset()

    @property
    def serves(self) -> bool:
        """It answered when it was last asked."""
        return self.problem is None

    def has(self, model: str | None) -> bool:
        """Whether sessions can be opened with a model; its default, if None."""
        return model is None or model in self._models

    def gone(self, problem: str) -> None:
        """A call found that it does not answer."""
        if self.problem is None:
            _log.warning("model_server.gone", server=self.name, reason=problem)
        self.problem = problem

    async def ask_how_it_is(self) -> None:
        """Never fails: that it does not answer, or breaks while it does, is how it is."""
        try:
            answer = await self.client.health()
            problem = _problem(answer)
            self.is_loading = answer.status == "loading"
            self.free_bytes = answer.free_bytes
            if problem is None and self.problem is not None:
                await self.ask_what_it_has()
                _log.info("model_server.serves", server=self.name)
            self.problem = problem
        except _FAILURES as error:
            self.is_loading = False
            self.gone(error.detail)

    async def ask_what_it_has(self) -> CatalogueRead:
        """
        Raises:
            ModelServerUnavailable
        """
        catalogue = await self.client.models()
        self._models = frozenset(entry.name for entry in catalogue.models if entry.problem is None)
        return catalogue


class Fleet:
    """All of them."""

    def __init__(self, servers: Sequence[ModelServer]) -> None:
        self.servers = tuple(servers)

    def at(self, url: str) -> ModelServer | None:
        return next((server for server in self.servers if server.url == url), None)

    def serving(self, model: str | None) -> list[ModelServer]:
        """Those that answer and have the model."""
        return [server for server in self.servers if server.serves and server.has(model)]

    async def placed(self, video_id: UUID, model: str | None) -> ModelServer:
        """Where to put a video that is nowhere yet: where most memory is free.

        Servers that are about as free share the videos by rendezvous hashing, so that what is opened between two looks
        does not all go to one of them. Where none will do, one is named all the same: asking it tells best what the
        matter is.
        """
        choice = self.serving(model)
        if not choice and model is not None:
            await self.look_around()  # it may have been added just now
            choice = self.serving(model)
        choice = choice or [server for server in self.servers if server.serves] or list(self.servers)
        most_free = max(server.free_bytes for server in choice)
        about_as_free = [server for server in choice if most_free - server.free_bytes < _ABOUT_AS_FREE_BYTES]
        return max(about_as_free, key=lambda server: hashlib.sha256(f"{video_id} {server.url}".encode()).digest())

    async def model(self) -> ModelRead:
        """The default model, as one that answers has it.

        Raises:
            ModelServerUnavailable
        """
        return await self._first().client.model()

    async def models(self) -> FleetCatalogue:
        """What all that answer have, together.

        Raises:
            ModelServerUnavailable: none of them answers.
        """
        found = await asyncio.gather(*(_looked(server) for server in self.servers))
        catalogues = {server.name: found for server, found in zip(self.servers, found, strict=True) if found}
        if not catalogues:
            catalogues = {server.name: await server.ask_what_it_has() for server in self.servers[:1]}
        return together(catalogues)

    async def promote(self, body: PromoteRequest) -> FleetCatalogue:
        """Tell one of them: the others find it in the folder of models that they share.

        Raises:
            ModelServerUnavailable, ModelUnusable
        """
        await self._first().client.promote(body)
        return await self.models()

    async def roll_back(self, body: RollBackRequest) -> FleetCatalogue:
        """
        Raises:
            ModelServerUnavailable
        """
        await self._first().client.roll_back(body)
        return await self.models()

    def _first(self) -> ModelServer:
        """Of those that answer, if any does."""
        return min(self.servers, key=lambda server: not server.serves)

    async def look_around(self) -> None:
        """Ask all of them what they have."""
        await asyncio.gather(*(_looked(server) for server in self.servers))

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Ask how they are for as long as the block lasts."""
        await asyncio.gather(*(server.ask_how_it_is() for server in self.servers))
        tasks = [asyncio.create_task(_watch(server)) for server in self.servers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(server: ModelServer) -> None:
    rounds = 0
    while True:
        await asyncio.sleep(_ASK_SECONDS)
        rounds += 1
        await server.ask_how_it_is()
        if rounds % _ROUNDS_BETWEEN_CATALOGUES == 0 and server.serves:
            await _looked(server)


async def _looked(server: ModelServer) -> CatalogueRead | None:
    try:
        return await server.ask_what_it_has()
    except _FAILURES:
        return None


def _problem(answer: HealthRead) -> str | None:
    if answer.contract_version != CONTRACT_VERSION:
        return f"Speaks contract {answer.contract_version}, this version needs {CONTRACT_VERSION}."
    if answer.status == "failed":
        return answer.detail or "The model could not be loaded."
    return None if answer.status == "ready" else "The model is being loaded."


@asynccontextmanager
async def model_fleet(urls: str) -> AsyncIterator[Fleet]:
    """The model servers at these addresses, separated by commas, for as long as the block lasts."""
    addresses = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()] or [_DEFAULT_URL]
    async with AsyncExitStack() as stack:
        servers = [
            ModelServer(url, await stack.enter_async_context(model_client(url))) for url in dict.fromkeys(addresses)
        ]
        fleet = Fleet(servers)
        await stack.enter_async_context(fleet.watched())
        yield fleet
