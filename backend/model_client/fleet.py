"""The model servers of this deployment: which of them are ready, and which models they have.

Usually there is one. Each one's health is checked once a second, and a call that gets no answer marks its server as
down at once.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from backend.background import background
from backend.model_client.client import ModelClient, model_client
from backend.model_client.fleet_catalogue import FleetCatalogue, merged
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
_STUCK_SECONDS = 45.0  # on one step of a prompt or a run; a second is much for the largest model on a processor
_ASK_SECONDS = 1.0
_SILENT_SECONDS = 12.0  # after which calls to a server whose health checks fail are broken off
_ROUNDS_BETWEEN_CATALOGUES = 5
_FAILURES = (ModelServerUnavailable, ModelRefused, ModelFailed)
_ABOUT_AS_FREE_BYTES = 512 * 2**20
_DEFAULT_URL = "http://127.0.0.1:8001"


class ModelServer:
    """One model server and its state."""

    def __init__(self, url: str, client: ModelClient) -> None:
        self.url = url
        self.name = urlsplit(url).netloc.rpartition("@")[2]
        self.client = client
        self.problem: str | None = "It has not answered yet."
        self.is_loading = False
        self.free_bytes = 0  # of memory, at the last health check
        self._models: frozenset[str] = frozenset()
        self._heard_at = time.monotonic()

    @property
    def serves(self) -> bool:
        """Whether it was ready at the last health check."""
        return self.problem is None

    def has(self, model: str | None) -> bool:
        """Whether it can open sessions with a model; None is the default model."""
        return model is None or model in self._models

    def gone(self, problem: str) -> None:
        """Mark it as down, after a call that got no answer."""
        if self.problem is None:
            _log.warning("model_server.gone", server=self.name, reason=problem)
        self.problem = problem

    async def ask_health(self) -> None:
        """Check its health. This never fails: a server that does not answer is marked as down."""
        try:
            health = await self.client.health()
            self._heard_at = time.monotonic()
            problem = _problem(health)
            self.is_loading = health.status == "loading"
            self.free_bytes = health.free_bytes
            if problem is None and self.problem is not None:
                await self.ask_models()
                _log.info("model_server.serves", server=self.name)
            self.problem = problem
        except _FAILURES as error:
            self.is_loading = False
            self.gone(error.detail)
            if time.monotonic() - self._heard_at > _SILENT_SECONDS:
                self.client.hang_up()

    async def ask_models(self) -> CatalogueRead:
        """Read its catalogue, and remember which models it can use.

        Raises:
            ModelServerUnavailable: it does not answer, or is still loading.
        """
        catalogue = await self.client.models()
        self._models = frozenset(entry.name for entry in catalogue.models if entry.problem is None)
        return catalogue


class Fleet:
    """All model servers of this deployment."""

    def __init__(self, servers: Sequence[ModelServer]) -> None:
        self.servers = tuple(servers)

    def at(self, url: str) -> ModelServer | None:
        return next((server for server in self.servers if server.url == url), None)

    def serving(self, model: str | None) -> list[ModelServer]:
        """The servers that are ready and have the model."""
        return [server for server in self.servers if server.serves and server.has(model)]

    async def server_for(self, video_id: UUID, model: str | None) -> ModelServer:
        """The server for a video without a placement: the one with the most free memory.

        Servers with about as much free memory share the videos by rendezvous hashing, so that videos opened between
        two health checks do not all go to one server. If no server is suitable, one is returned anyway: a call to it
        tells best what the problem is.
        """
        choice = self.serving(model)
        if not choice and model is not None:
            await self.look_around()  # the model may be new
            choice = self.serving(model)
        choice = choice or [server for server in self.servers if server.serves] or list(self.servers)
        most_free = max(server.free_bytes for server in choice)
        about_as_free = [server for server in choice if most_free - server.free_bytes < _ABOUT_AS_FREE_BYTES]
        return max(about_as_free, key=lambda server: hashlib.sha256(f"{video_id} {server.url}".encode()).digest())

    async def model(self) -> ModelRead:
        """Read the default model from a server that is ready.

        Raises:
            ModelServerUnavailable: no server is ready.
        """
        return await self._first().client.model()

    async def models(self) -> FleetCatalogue:
        """Read the catalogues of all servers that answer, and merge them.

        Raises:
            ModelServerUnavailable: none of them answers.
        """
        found = await asyncio.gather(*(_models_of(server) for server in self.servers))
        catalogues = {server.name: found for server, found in zip(self.servers, found, strict=True) if found}
        if not catalogues:
            catalogues = {server.name: await server.ask_models() for server in self.servers[:1]}
        return merged(catalogues)

    async def promote(self, body: PromoteRequest) -> FleetCatalogue:
        """Make a model the default. One server records it in the models folder, from which the others read it.

        Raises:
            ModelServerUnavailable: no server is ready.
            ModelUnusable: the model is missing or damaged.
        """
        await self._first().client.promote(body)
        return await self.models()

    async def roll_back(self, body: RollBackRequest) -> FleetCatalogue:
        """Make the previous default model the default again.

        Raises:
            ModelServerUnavailable: no server is ready.
        """
        await self._first().client.roll_back(body)
        return await self.models()

    def _first(self) -> ModelServer:
        """A server that is ready, or any server if none is."""
        return min(self.servers, key=lambda server: not server.serves)

    async def look_around(self) -> None:
        """Ask every server for its models."""
        await asyncio.gather(*(_models_of(server) for server in self.servers))

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """Keep checking the health of all servers while the block lasts."""
        await asyncio.gather(*(server.ask_health() for server in self.servers))
        async with background(*(_watch(server) for server in self.servers)):
            yield


async def _watch(server: ModelServer) -> None:
    rounds = 0
    while True:
        await asyncio.sleep(_ASK_SECONDS)
        rounds += 1
        await server.ask_health()
        if rounds % _ROUNDS_BETWEEN_CATALOGUES == 0 and server.serves:
            await _models_of(server)


async def _models_of(server: ModelServer) -> CatalogueRead | None:
    try:
        return await server.ask_models()
    except _FAILURES:
        return None


def _problem(health: HealthRead) -> str | None:
    if health.contract_version != CONTRACT_VERSION:
        return f"Speaks contract {health.contract_version}, this version needs {CONTRACT_VERSION}."
    if health.status == "failed":
        return health.detail or "The model could not be loaded."
    if health.status != "ready":
        return "The model is being loaded."
    if health.busy_seconds > _STUCK_SECONDS:
        waiting = f"{health.num_waiting} requests and steps wait behind it"
        return f"The device has been on one step for {health.busy_seconds:.0f} s; {waiting}."
    return None


@asynccontextmanager
async def model_fleet(urls: str) -> AsyncGenerator[Fleet]:
    """The model servers at these comma-separated addresses, watched while the block lasts."""
    addresses = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()] or [_DEFAULT_URL]
    async with AsyncExitStack() as stack:
        servers = [
            ModelServer(url, await stack.enter_async_context(model_client(url))) for url in dict.fromkeys(addresses)
        ]
        fleet = Fleet(servers)
        await stack.enter_async_context(fleet.watched())
        yield fleet
