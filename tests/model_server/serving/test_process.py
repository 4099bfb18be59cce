"""`python -m model_server` as the supervisor runs it, and its log, which gives way to the work it tells of."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import httpx
import pytest

from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from tests.model_server.recipe_weights import recipe_network
from tests.model_server.serving.conftest import NUM_FRAMES, OVERRIDES
from tests.model_server.serving.running_server import Tracker, click, wait_for


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mini.safetensors"
    save(recipe_network(PRESETS["mini"], OVERRIDES), path, card="# Mini", metrics={"j_and_f": 0.0})
    return path


@contextmanager
def process(data_dir: Path, weights: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {
        "MASKLOOM_MODEL_PORT": str(port),
        "MASKLOOM_DATA_DIR": str(data_dir),
        "MASKLOOM_DEVICE": "cpu",
        "MASKLOOM_MODEL": str(weights),
        "MASKLOOM_MODEL_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    running = subprocess.Popen([sys.executable, "-m", "model_server"], env=os.environ | environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: running.poll() is not None or is_ready(url), 60)
        yield running, url
    finally:
        running.kill()
        running.wait()


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v1/health").status_code == 200
    except httpx.TransportError:
        return False


def test_it_serves_the_weights_it_was_told_to_and_stops_in_the_middle_of_a_run(data_dir: Path, weights: Path):
    with process(data_dir, weights) as (running, url):
        model = httpx.get(f"{url}/v1/model").json()
        assert (model["config_name"], model["device"], model["card"]) == ("mini", "cpu", "# Mini")
        tracker = Tracker(url, "proxy.mp4", NUM_FRAMES)
        tracker.open()
        tracker.prompt("ball", 5, click(75, 140))
        with tracker.streaming(tracker.propagation(["ball"], 5, 0, NUM_FRAMES - 1, direction="both")) as events:
            next(events)
            next(events)
            running.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            with pytest.raises(httpx.RemoteProtocolError):
                list(events)
        running.wait(10)
        assert time.monotonic() - begun < 8


@pytest.mark.long
def test_work_goes_on_after_a_kill_from_what_was_stored(data_dir: Path, weights: Path):
    with process(data_dir, weights) as (running, url):
        tracker = Tracker(url, "proxy.mp4", NUM_FRAMES)
        tracker.open()
        prompted = tracker.prompt("ball", 5, click(75, 140)).json()
        stored = []
        token = tracker.tokens["ball"]
        body = tracker.propagation(["ball"], 5, 5, NUM_FRAMES - 1)
        with suppress(httpx.TransportError), tracker.streaming(body) as events:
            for event in events:
                if event.t == "mask":
                    stored.append(event)
                if len(stored) == 4:
                    running.kill()
    assert [mask.frame_index for mask in stored][:4] == [5, 6, 7, 8]
    assert len(stored) < NUM_FRAMES - 5, "the server was killed too late"
    with process(data_dir, weights) as (_, url):
        later = Tracker(url, "proxy.mp4", NUM_FRAMES, epoch=2)
        assert later.open().status_code == 201
        known = {"frame_index": 5, "mask": prompted["mask"], "object_score": prompted["object_score"]}
        tracked = [
            {"frame_index": mask.frame_index, "mask": mask.mask.model_dump(), "object_score": mask.object_score}
            for mask in stored[1:]
        ]
        body = {"epoch": 2, "object_id": "ball", "token": token, "conditioning": [known], "tracked": tracked}
        assert later.http.post(f"{later.session_url}/restore", json=body).json() == {"restored": len(stored)}
        later.tokens["ball"] = token
        masks, _ = later.propagate(later.propagation(["ball"], 8, 8, 20))
        assert [mask.frame_index for mask in masks] == list(range(8, 21))


_PROGRAM = """
import structlog
from model_server.serving.observability import configure_logging
configure_logging("{form}")
for number in range(3):
    structlog.get_logger().info("session.opened", number=number)
print("served")
"""


def written(form: str, *, stderr: "int | IO[str]") -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", _PROGRAM.format(form=form)]
    return subprocess.run(program, stdout=subprocess.PIPE, stderr=stderr, check=False, text=True)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_on_a_full_disk_fails_nothing(form: str) -> None:
    with open("/dev/full", "w") as full:  # every write to it says that no space is left
        assert written(form, stderr=full).stdout == "served\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_events_are_lines_of_standard_error(form: str) -> None:
    lines = written(form, stderr=subprocess.PIPE).stderr.splitlines()
    assert len(lines) == 3
    assert all("session.opened" in line and str(number) in line for number, line in enumerate(lines))
