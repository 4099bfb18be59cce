"""Calls to a real model server, and to servers that break in every way a stream can break."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from backend.model_client.client import ModelClient, model_client
from backend.model_client.problems import (
    ModelRefused,
    ModelServerUnavailable,
    NeedsRestore,
    TakenOver,
    TrackingSessionUnknown,
)
from model_server.contract.prompts import ClickPrompt, FramePrompts, PromptRequest
from model_server.contract.sessions import OpenSessionRequest, VideoReference
from model_server.contract.tracking import PropagatedObject, PropagateRequest, RunEnded, RunEvent, RunMask
from tests.backend.conftest import NUM_FRAMES
from tests.backend.model_process import ModelProcess
from tests.clips import HEIGHT, WIDTH

PROMPT = FramePrompts(clicks=(ClickPrompt(x=70, y=140, label="positive"),))  # type: ignore[arg-type]
RUN = PropagateRequest(
    epoch=1,
    run_id="r",
    objects=(PropagatedObject(object_id="a", base_token="one", token="two"),),
    start_frame=3,
    first_frame=3,
    last_frame=9,
    direction="forward",  # type: ignore[arg-type]
)
MASK = {
    "t": "mask",
    "seq": 0,
    "object_id": "a",
    "frame_index": 4,
    "token": "two",
    "mask": {"size": [2, 3], "counts": "6"},
    "predicted_iou": 0.5,
    "object_score": 1.0,
    "stability": 1.0,
    "candidate": None,
    "area": 0,
    "seconds": 0.1,
    "model_version": "recipe",
}


@pytest.fixture
async def client(model_process: ModelProcess) -> AsyncIterator[ModelClient]:
    async with model_client(model_process.url) as client:
        yield client


def opening(proxy: Path, *, epoch: int = 1, num_frames: int = NUM_FRAMES) -> OpenSessionRequest:
    video = VideoReference(path=str(proxy), width=WIDTH, height=HEIGHT, num_frames=num_frames)
    return OpenSessionRequest(epoch=epoch, video=video)


def prompting(base_token: str = "", token: str = "one", *, epoch: int = 1) -> PromptRequest:
    return PromptRequest(epoch=epoch, object_id="a", base_token=base_token, token=token, frame_index=3, prompt=PROMPT)


async def test_a_prompt_and_a_propagation_come_back_typed(client: ModelClient, proxy: Path) -> None:
    session = uuid4().hex
    await client.open_session(session, opening(proxy))
    assert (await client.prompt(session, prompting())).frame_index == 3
    async with client.propagate(session, RUN) as events:
        seen = [event async for event in events]
    assert [event.frame_index for event in seen if isinstance(event, RunMask)] == list(range(3, 10))
    assert isinstance(seen[-1], RunEnded)


async def test_every_reason_to_restore_has_its_own_name(client: ModelClient, proxy: Path) -> None:
    session = uuid4().hex
    with pytest.raises(TrackingSessionUnknown):
        await client.prompt(session, prompting())
    await client.open_session(session, opening(proxy, epoch=2))
    with pytest.raises(NeedsRestore):
        await client.prompt(session, prompting("something else", epoch=2))
    with pytest.raises(TakenOver):
        await client.prompt(session, prompting(epoch=1))
    with pytest.raises(TakenOver):
        await client.open_session(session, opening(proxy, epoch=1))


async def test_what_can_never_work_is_refused_for_good(client: ModelClient, proxy: Path) -> None:
    with pytest.raises(ModelRefused, match="frames"):
        await client.open_session(uuid4().hex, opening(proxy, num_frames=7))


async def test_nobody_listening_is_an_unavailable_model_server() -> None:
    async with model_client("http://127.0.0.1:1") as client:
        with pytest.raises(ModelServerUnavailable):
            await client.model()


async def test_a_server_restarted_between_two_calls_is_not_noticed(
    client: ModelClient, model_process: ModelProcess
) -> None:
    await client.model()
    model_process.kill()
    model_process.start()
    assert (await client.model()).config_name == "mini"


@asynccontextmanager
async def answering(body: bytes, *, reset: bool = False) -> AsyncIterator[str]:
    """A server that sends these bytes as a propagation, and then ends the response or resets the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nConnection: close\r\n\r\n" + body)
        await writer.drain()
        if reset:
            writer.transport.abort()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def events_of(url: str) -> list[RunEvent]:
    async with model_client(url) as client, client.propagate("s", RUN) as events:
        return [event async for event in events]


def lines(*events: dict[str, object]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lines({"t": "open", "run_id": "r"}, MASK), id="no last line"),
        pytest.param(lines({"t": "open", "run_id": "r"}, MASK)[:-20], id="half a line"),
        pytest.param(lines({"t": "open", "run_id": "r"}) + b"<html>\n", id="not ours"),
        pytest.param(b"", id="nothing at all"),
    ],
)
async def test_a_stream_is_complete_only_with_its_last_line(body: bytes) -> None:
    async with answering(body) as url:
        with pytest.raises(ModelServerUnavailable):
            await events_of(url)


async def test_a_connection_that_is_reset_is_an_unavailable_model_server() -> None:
    async with answering(lines({"t": "open", "run_id": "r"}, MASK), reset=True) as url:
        with pytest.raises(ModelServerUnavailable):
            await events_of(url)


async def test_a_line_much_longer_than_a_buffer_is_read_whole() -> None:
    long = MASK | {"mask": {"size": [2, 3], "counts": "0" * 700_000}}
    async with answering(
        lines({"t": "open", "run_id": "r"}, long, {"t": "end", "frames": 1, "cancelled": False})
    ) as url:
        _opened, mask, _ended = await events_of(url)
    assert isinstance(mask, RunMask)
    assert len(mask.mask.counts) == 700_000
