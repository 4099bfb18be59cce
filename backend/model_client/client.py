"""The client of one model server, with typed calls."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError

from backend.model_client.problems import (
    ModelFailed,
    ModelRefused,
    ModelServerGone,
    ModelServerLost,
    ModelServerUnavailable,
    ModelTookTooLong,
    ModelUnusable,
    NeedsRestore,
    TakenOver,
    TrackingSessionUnknown,
)
from backend.model_client.stream import run_events, search_events
from model_server.contract.catalogue import CatalogueRead, HealthRead, ModelRead, PromoteRequest, RollBackRequest
from model_server.contract.masks import MaskResult
from model_server.contract.problems import Problem, ProblemSlug
from model_server.contract.prompts import PromptRequest
from model_server.contract.search import SearchEvent, SearchRequest
from model_server.contract.sessions import OpenSessionRequest, Restored, RestoreRequest, SessionRead, WarmRequest
from model_server.contract.tracking import PropagateRequest, RunEvent

_Result = TypeVar("_Result", bound=BaseModel)

_QUICK = aiohttp.ClientTimeout(total=10, connect=2)
_HEALTH = aiohttp.ClientTimeout(total=5, connect=2)
_PROMPT = aiohttp.ClientTimeout(total=120, connect=2)  # of the device's time the model server allows half of that
_WORK = aiohttp.ClientTimeout(total=300, connect=2)  # a click can take long with a large model on a slow processor
_STREAM = aiohttp.ClientTimeout(total=None, connect=2, sock_read=30)  # the server sends a heartbeat every second

_SLUGS: dict[str, type[Exception]] = {
    ProblemSlug.unknown_session: TrackingSessionUnknown,
    ProblemSlug.session_closed: TrackingSessionUnknown,
    ProblemSlug.needs_restore: NeedsRestore,
    ProblemSlug.stale_epoch: TakenOver,
    ProblemSlug.unknown_model: ModelUnusable,
    ProblemSlug.model_unusable: ModelUnusable,
    ProblemSlug.model_not_ready: ModelServerUnavailable,
    ProblemSlug.server_full: ModelServerUnavailable,
    ProblemSlug.out_of_memory: ModelServerUnavailable,
    ProblemSlug.took_too_long: ModelTookTooLong,
}


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    body: BaseModel | None = None
    limits: aiohttp.ClientTimeout = _QUICK
    also_accept: int | None = None


class ModelClient:
    """One keep-alive connection pool to one model server."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._waiting: set[asyncio.Timeout] = set()

    def hang_up(self) -> None:
        """Break off the calls that wait for an answer: the server has fallen silent, and may stay so for ever."""
        for limit in self._waiting:
            limit.reschedule(0)

    async def health(self) -> HealthRead:
        """The server's health, which it reports even while it is loading (status 503)."""
        call = _Call("GET", "/v1/health", limits=_HEALTH, also_accept=HTTPStatus.SERVICE_UNAVAILABLE)
        return await self._parsed(call, HealthRead)

    async def model(self) -> ModelRead:
        return await self._parsed(_Call("GET", "/v1/model", limits=_WORK), ModelRead)  # it may have to be loaded

    async def models(self) -> CatalogueRead:
        return await self._parsed(_Call("GET", "/v1/models"), CatalogueRead)

    async def promote(self, body: PromoteRequest) -> CatalogueRead:
        return await self._parsed(_Call("PUT", "/v1/default", body, _WORK), CatalogueRead)

    async def roll_back(self, body: RollBackRequest) -> CatalogueRead:
        return await self._parsed(_Call("POST", "/v1/default/roll-back", body, _WORK), CatalogueRead)

    async def open_session(self, session_id: str, body: OpenSessionRequest) -> SessionRead:
        return await self._parsed(_Call("PUT", f"/v1/sessions/{session_id}", body, _WORK), SessionRead)

    async def prompt(self, session_id: str, body: PromptRequest) -> MaskResult:
        return await self._parsed(_Call("POST", f"/v1/sessions/{session_id}/prompt", body, _PROMPT), MaskResult)

    async def restore(self, session_id: str, body: RestoreRequest) -> Restored:
        return await self._parsed(_Call("POST", f"/v1/sessions/{session_id}/restore", body, _WORK), Restored)

    async def warm(self, session_id: str, body: WarmRequest) -> None:
        await self._content(_Call("POST", f"/v1/sessions/{session_id}/warm", body))

    @asynccontextmanager
    async def propagate(self, session_id: str, body: PropagateRequest) -> AsyncGenerator[AsyncIterator[RunEvent]]:
        """A propagation's events. Leaving the block early closes the connection, which cancels the run."""
        call = _Call("POST", f"/v1/sessions/{session_id}/propagate", body, _STREAM)
        async with self._response(call) as response, aclosing(run_events(response)) as events:
            yield events

    @asynccontextmanager
    async def find_masks(self, session_id: str, body: SearchRequest) -> AsyncGenerator[AsyncIterator[SearchEvent]]:
        """A search's events. Leaving the block early ends the search."""
        call = _Call("POST", f"/v1/sessions/{session_id}/automatic-masks", body, _STREAM)
        async with self._response(call) as response, aclosing(search_events(response)) as events:
            yield events

    async def _parsed(self, call: _Call, result: type[_Result]) -> _Result:
        content = await self._content(call)
        try:
            return result.model_validate_json(content)
        except ValidationError as error:
            raise ModelServerUnavailable("The model server answered in a way this version does not know.") from error

    async def _content(self, call: _Call) -> bytes:
        try:
            async with asyncio.timeout(None) as limit:
                self._waiting.add(limit)
                try:
                    async with self._response(call) as response:
                        return await response.read()
                finally:
                    self._waiting.discard(limit)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    @asynccontextmanager
    async def _response(self, call: _Call) -> AsyncGenerator[aiohttp.ClientResponse]:
        data = None if call.body is None else call.body.model_dump_json().encode()
        headers = {} if call.body is None else {"Content-Type": "application/json"}
        ask = partial(self._http.request, call.method, call.path, data=data, headers=headers, timeout=call.limits)
        try:
            try:
                response = await ask()
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                response = await ask()  # the pooled connection was to a restarted server; tokens make retrying safe
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        async with response:
            if not response.ok and response.status != call.also_accept:
                raise await _problem(response)
            yield response


async def _problem(response: aiohttp.ClientResponse) -> Exception:
    try:
        problem = Problem.model_validate_json(await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError, ValidationError) as error:
        return _unavailable(error)
    known = _SLUGS.get(problem.slug)
    if known is not None:
        return known(problem.detail)
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelFailed(problem.detail)
    return ModelRefused(problem.detail)


def _unavailable(error: Exception) -> ModelServerGone:
    detail = f"The model server does not answer ({type(error).__name__})."
    unheard = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerTimeoutError)
    return ModelServerGone(detail) if unheard else ModelServerLost(detail)


@asynccontextmanager
async def model_client(url: str) -> AsyncGenerator[ModelClient]:
    """A client of the model server at this base URL, open while the block lasts."""
    # Close idle connections before uvicorn does (after 5 s), or a request could use one that is closing.
    connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=4)
    async with aiohttp.ClientSession(url, connector=connector, auto_decompress=False) as http:
        yield ModelClient(http)
