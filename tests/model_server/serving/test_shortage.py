"""Memory runs out and devices break: the server says so and lives, or ends for a sound one to take its place."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import torch

from model_server.contract.tracking import RunFailed
from model_server.models.sam2.build import Sam2Segmenter
from model_server.serving.shortage import is_broken_device, is_out_of_memory
from tests.model_server.serving.conftest import NUM_FRAMES, build_mini
from tests.model_server.serving.running_server import RunningServer, Tracker, click, running_server, wait_for


@dataclass
class Appetite:
    """How many of the next calls of the network ask for more memory than there is."""

    helpings: int = 0
    error: Exception | None = None

    def bite(self) -> None:
        if self.helpings > 0:
            self.helpings -= 1
            if self.error is not None:
                raise self.error
            torch.empty(1 << 50, dtype=torch.uint8)  # a real refusal of the allocator


@pytest.fixture
def appetite() -> Appetite:
    return Appetite()


@pytest.fixture
def hungry(data_dir: Path, appetite: Appetite) -> Iterator[RunningServer]:
    def build() -> Sam2Segmenter:
        segmenter = build_mini()
        decode = segmenter.network.decode

        def decode_hungrily(*inputs, **options):
            appetite.bite()
            return decode(*inputs, **options)

        segmenter.network.decode = decode_hungrily
        return segmenter

    with running_server(data_dir, build) as server:
        yield server


def opened(server: RunningServer) -> Tracker:
    tracker = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    assert tracker.open().status_code == 201
    assert tracker.prompt("ball", 5, click(75, 140)).status_code == 200
    return tracker


def test_out_of_memory_evicts_idle_sessions_and_the_request_succeeds(hungry: RunningServer, appetite: Appetite):
    idle, busy = opened(hungry), opened(hungry)
    expected = idle.prompt("ball", 6, click(75, 140)).json()["mask"]  # the busy one would remember its own answer
    appetite.helpings = 1
    assert busy.prompt("ball", 6, click(75, 140)).json()["mask"] == expected
    assert appetite.helpings == 0
    wait_for(lambda: len(hungry.inside.sessions) == 1, 5)
    assert idle.prompt("ball", 7, click(75, 140)).json()["slug"] == "unknown-session"
    masks, _ = busy.propagate(busy.propagation(["ball"], 6, 6, 9))
    assert len(masks) == 4


def test_a_session_in_use_is_not_evicted_but_its_encoded_frames_are(hungry: RunningServer, appetite: Appetite):
    other, busy = opened(hungry), opened(hungry)
    with hungry.inside.sessions.using(other.session_id) as in_use:
        assert in_use._tracking is not None
        before = in_use._tracking.memory_bytes()
        appetite.helpings = 1
        assert busy.prompt("ball", 6, click(75, 140)).status_code == 200
        assert not in_use.closed
        assert in_use._tracking.memory_bytes() < before / 2
        assert other.prompt("ball", 5, click(80, 140)).status_code == 200


def test_a_step_of_a_run_is_done_again_after_eviction(hungry: RunningServer, appetite: Appetite):
    tracker = opened(hungry)
    expected, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 12))
    appetite.helpings = 1
    again, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 12))
    assert appetite.helpings == 0
    assert [mask.mask for mask in again] == [mask.mask for mask in expected]


def test_when_eviction_does_not_help_a_problem_is_answered_and_the_server_lives(
    hungry: RunningServer, appetite: Appetite
):
    tracker = opened(hungry)
    appetite.helpings = 2
    refused = tracker.prompt("ball", 6, click(75, 140))
    assert (refused.status_code, refused.json()["slug"]) == (503, "out-of-memory")
    assert refused.headers["retry-after"]
    assert httpx.get(f"{hungry.url}/v1/health").status_code == 200
    assert tracker.prompt("ball", 6, click(75, 140)).json()["slug"] == "needs-restore"
    assert tracker.prompt("new", 6, click(75, 140)).status_code == 200
    appetite.helpings = 2
    _, last = tracker.propagate(tracker.propagation(["new"], 6, 6, 9))
    assert isinstance(last, RunFailed)
    assert last.code == "out-of-memory"


def test_a_broken_device_ends_the_process(hungry: RunningServer, appetite: Appetite, monkeypatch: pytest.MonkeyPatch):
    ended: list[bool] = []
    monkeypatch.setattr("model_server.serving.sessions.session.end_process", lambda: ended.append(True))
    tracker = opened(hungry)
    appetite.helpings, appetite.error = (
        1,
        torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
    )
    assert tracker.prompt("ball", 6, click(75, 140)).json()["slug"] == "model-failed"
    assert ended == [True]


def test_ending_the_process_is_what_a_supervisor_sees():
    code = "import time; from model_server.serving.shortage import end_process; end_process(); time.sleep(60)"
    assert subprocess.run([sys.executable, "-c", code], timeout=50, check=False).returncode == -15


def test_real_shortages_are_told_from_other_errors():
    shortages: list[Exception] = [torch.OutOfMemoryError("CUDA out of memory")]
    for ask in (lambda: torch.empty(1 << 50, dtype=torch.uint8), lambda: bytearray(1 << 62)):
        with pytest.raises((RuntimeError, MemoryError)) as caught:
            ask()
        shortages.append(caught.value)
    assert all(is_out_of_memory(error) and not is_broken_device(error) for error in shortages)
    others = [ValueError("no prompted frame"), RuntimeError("The size of tensor a must match"), IndexError()]
    assert not any(is_out_of_memory(error) or is_broken_device(error) for error in others)
    assert is_broken_device(RuntimeError("CUDA error: device-side assert triggered"))
