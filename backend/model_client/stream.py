"""Read the model server's streams: JSON Lines in, events out."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

import aiohttp
from pydantic import TypeAdapter, ValidationError

from backend.model_client.problems import ModelServerUnavailable
from model_server.contract.search import SearchEvent, search_event_adapter
from model_server.contract.tracking import RunEnded, RunEvent, RunFailed, run_event_adapter

_Event = TypeVar("_Event")
_LONGEST_LINE = 16 * 1024 * 1024  # bytes; a line is one mask


def run_events(response: aiohttp.ClientResponse) -> AsyncGenerator[RunEvent]:
    """The events of a propagation; see `_events`."""
    return _events(response, run_event_adapter)


def search_events(response: aiohttp.ClientResponse) -> AsyncGenerator[SearchEvent]:
    """The events of a search for masks; see `_events`."""
    return _events(response, search_event_adapter)


async def _events(response: aiohttp.ClientResponse, adapter: TypeAdapter[_Event]) -> AsyncGenerator[_Event]:
    """The stream's events up to and including its last one, `end` or `error`.

    Raises:
        ModelServerUnavailable: the stream broke off, fell silent, or ended without its last event.
    """
    try:
        async for line in _lines(response.content):
            event = adapter.validate_json(line)
            yield event
            if isinstance(event, RunEnded | RunFailed):
                return
    except (aiohttp.ClientError, TimeoutError, ValidationError, OSError) as error:
        raise ModelServerUnavailable(f"The stream broke off: {type(error).__name__}") from error
    raise ModelServerUnavailable("The stream broke off without its last line.")


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Whole lines without their line ends. aiohttp's own reader rejects lines that are longer than its buffer."""
    rest = b""
    async for chunk in content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield line
        if len(rest) > _LONGEST_LINE:
            raise aiohttp.ClientPayloadError("a line is too long")
