"""A model server on a free port, in a thread of the test process, and a client that speaks its contract."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import uvicorn

from model_server.contract.tracking import RunEnded, RunEvent, RunMask, run_event_adapter
from model_server.masks import rle
from model_server.segmenter import VideoSegmenter
from model_server.serving.app import create_app
from model_server.serving.routes.server import Server
from model_server.serving.settings import Settings
from tests.clips import HEIGHT, WIDTH


@dataclass
class RunningServer:
    """The server with its loop, for tests that look inside."""

    url: str
    data_dir: Path
    inside: Server
    loop: asyncio.AbstractEventLoop

    def num_tasks(self) -> int:
        """Tasks alive on the server's event loop, the one that asks not counted."""

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return asyncio.run_coroutine_threadsafe(count(), self.loop).result(10)


@contextmanager
def running_server(
    data_dir: Path, build: Callable[[], VideoSegmenter], *, wait_until_ready: bool = True, **settings: Any
) -> Iterator[RunningServer]:
    """Serve until the block ends."""
    app = create_app(Settings(data_dir=data_dir, **settings), build)
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="on")
    )
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(sockets=[listener]),), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        wait_for(lambda: server.started)
        if wait_until_ready:
            wait_for(lambda: httpx.get(f"{url}/v1/health").status_code == 200)
        yield RunningServer(url, data_dir, app.state.server, loop)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"
        loop.close()


def wait_for(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Return once `holds`; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def click(x: float, y: float, label: str = "positive") -> dict[str, Any]:
    """A prompt set of one click."""
    return {"clicks": [{"x": x, "y": y, "label": label}], "box": None, "mask": None}


def mask_of(result: Any) -> np.ndarray:
    """The bool mask of a MaskResult, as JSON or as a model."""
    mask = result["mask"] if isinstance(result, dict) else result.mask.model_dump()
    height, width = mask["size"]
    return rle.decode(mask["counts"], height=height, width=width)


@dataclass
class Tracker:
    """A backend's view of one tracking session: it remembers the token of every object."""

    url: str
    path: str
    num_frames: int
    epoch: int = 1
    session_id: str = field(default_factory=lambda: uuid4().hex)
    tokens: dict[str, str] = field(default_factory=dict)
    width: int = WIDTH
    height: int = HEIGHT
    model: str | None = None

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=f"{self.url}/v1", timeout=60)

    @property
    def session_url(self) -> str:
        return f"/sessions/{self.session_id}"

    def open(self) -> httpx.Response:
        video = {"path": self.path, "width": self.width, "height": self.height, "num_frames": self.num_frames}
        return self.http.put(self.session_url, json={"epoch": self.epoch, "video": video, "model": self.model})

    def prompt(self, object_id: str, frame_index: int, prompt: dict[str, Any]) -> httpx.Response:
        token = uuid4().hex
        body = {
            "epoch": self.epoch,
            "object_id": object_id,
            "base_token": self.tokens.get(object_id, ""),
            "token": token,
            "frame_index": frame_index,
            "prompt": prompt,
        }
        response = self.http.post(f"{self.session_url}/prompt", json=body)
        if response.status_code == 200:
            self.tokens[object_id] = token
        return response

    def propagation(self, object_ids: list[str], start: int, first: int, last: int, **more: Any) -> dict[str, Any]:
        """A request body; the tracker's tokens are those it leads to."""
        objects = []
        for object_id in object_ids:
            token = uuid4().hex
            objects.append({"object_id": object_id, "base_token": self.tokens.get(object_id, ""), "token": token})
            self.tokens[object_id] = token
        body = {
            "epoch": self.epoch,
            "run_id": uuid4().hex,
            "objects": objects,
            "start_frame": start,
            "first_frame": first,
            "last_frame": last,
            "direction": "forward",
        }
        return body | more

    @contextmanager
    def streaming(self, body: dict[str, Any]) -> Iterator[Iterator[RunEvent]]:
        """The events of a run as they come."""
        with self.http.stream("POST", f"{self.session_url}/propagate", json=body) as response:
            if response.status_code != 200:
                response.read()
                raise AssertionError(response.text)
            assert response.headers["content-type"].startswith("application/jsonl")
            yield (run_event_adapter.validate_json(line) for line in response.iter_lines())

    def propagate(self, body: dict[str, Any]) -> tuple[list[RunMask], RunEvent]:
        """All masks of a run and its last line."""
        with self.streaming(body) as events:
            seen = list(events)
        return [event for event in seen if isinstance(event, RunMask)], seen[-1]

    def cancel(self, run_id: str) -> None:
        httpx.post(f"{self.url}/v1/runs/{run_id}/cancel").raise_for_status()


def ended(event: RunEvent) -> RunEnded:
    """The event, which must be the end of a run."""
    assert isinstance(event, RunEnded), event
    return event
