"""Objects with a long history: restoring it, and carrying many of them, leaves room for others' clicks.

With the built-in model; all times are compared with those of the same minute.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np
import pytest
import torch

from model_server.masks import rle
from model_server.models.registry import build
from model_server.segmenter import VideoSegmenter
from tests.clips import HEIGHT, WIDTH
from tests.model_server.serving.running_server import RunningServer, Tracker, click, running_server
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 1010
SLOWER, BUSY = 2.0, 3.0  # a click elsewhere, than usual; and on a machine that also does other things


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    write_proxy(folder / "proxy.mp4", NUM_FRAMES)
    return folder


@pytest.fixture(scope="module")
def builtin_server(long_video: Path) -> Iterator[RunningServer]:
    def built() -> VideoSegmenter:
        torch.set_num_threads(1)
        return build("builtin", "cpu")

    with running_server(long_video, built) as server:
        yield server


@pytest.fixture
def one(builtin_server: RunningServer) -> Tracker:
    return opened(builtin_server)


@pytest.fixture
def clicks(builtin_server: RunningServer) -> "Clicks":
    return Clicks(opened(builtin_server))


def opened(server: RunningServer) -> Tracker:
    tracker = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    assert tracker.open().status_code == 201
    return tracker


class Clicks:
    """Of somebody else, in another session, on one frame."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._count = 0
        self._seconds()
        self.usual = median([self._seconds() for _ in range(5)])

    def during(self, work: Callable[[], Any]) -> list[float]:
        """Each click in times of the usual one."""
        working = threading.Thread(target=work, daemon=True)
        working.start()
        times = [self._seconds() / self.usual]
        while working.is_alive():
            times.append(self._seconds() / self.usual)
        return times

    def _seconds(self) -> float:
        self._count += 1
        begun = time.perf_counter()
        assert self._tracker.prompt("mine", 0, click(40 + self._count % 200, 140)).status_code == 200
        return time.perf_counter() - begun


def restore(tracker: Tracker, object_id: str, frames: range) -> httpx.Response:
    """As of an object that was clicked on each of these frames."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    mask = {"size": [HEIGHT, WIDTH], "counts": rle.encode(np.hypot(columns - 75, rows - 140) < 30)}
    seed = {"mask": mask, "object_score": 8.0, "answers_prompts": True}
    body = {"epoch": 1, "object_id": object_id, "token": "stored"}
    body["conditioning"] = [seed | {"frame_index": frame} for frame in frames]
    tracker.tokens[object_id] = "stored"
    return tracker.http.post(f"{tracker.session_url}/restore", json=body)


def test_a_masklet_with_a_thousand_prompted_frames_is_restored_and_clicked_on_while_others_are_served(
    one: Tracker, clicks: Clicks
) -> None:
    seconds: list[float] = []

    def work() -> None:
        begun = time.perf_counter()
        assert restore(one, "a", range(1000)).json() == {"restored": 1000}
        seconds.append(time.perf_counter() - begun)
        assert one.prompt("a", 500, click(75, 140)).status_code == 200
        seconds.append(time.perf_counter() - begun)

    times = clicks.during(work)
    print(f"\nrestored in {seconds[0]:.2f} s, clicked after {seconds[1]:.2f} s; {described(times)}")
    assert median(times) <= BUSY * SLOWER
    assert seconds[0] < 5.0


@pytest.mark.parametrize("count", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_as_many_masklets_as_frames_are_carried_while_others_are_served(
    one: Tracker, clicks: Clicks, count: int
) -> None:
    names = [f"o{number}" for number in range(count)]
    for number, name in enumerate(names):
        assert restore(one, name, range(number, number + 1)).status_code == 200

    def work() -> None:
        masks, _end = one.propagate(one.propagation(names, 2 * count, 2 * count, 2 * count))
        assert len(masks) == count

    times = clicks.during(work)
    print(f"\n{described(times)}")
    assert median(times) <= BUSY * SLOWER


def described(times: list[float]) -> str:
    return f"a click elsewhere takes {median(times):.2f} times as long, at most {max(times):.2f}, of {len(times)}"
