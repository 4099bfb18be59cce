"""`maskloom up` as a whole: comes up, heals, stops without a trace, and comes up again after the worst."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.backend.videos.uploading import INGEST_SECONDS
from tests.clips import write_clip
from tests.processes import is_over, kill_all, processes_below
from tests.running import Part, RunningMaskloom

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def maskloom(tmp_path_factory: pytest.TempPathFactory, mini_weights: Path) -> Iterator[RunningMaskloom]:
    running = RunningMaskloom(tmp_path_factory.mktemp("maskloom") / "data", sample=True, model=mini_weights)
    running.start()
    yield running
    running.stop()


def family(maskloom: RunningMaskloom) -> list[psutil.Process]:
    assert maskloom.process is not None
    return processes_below(maskloom.process.pid)


def wait_gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    _gone, left = psutil.wait_procs(processes, timeout=15)
    return [process for process in left if not is_over(process)]


@pytest.mark.long
def test_the_sample_is_loaded_by_the_model_itself(maskloom: RunningMaskloom) -> None:
    deadline = time.monotonic() + 300
    while not (maskloom.data_dir / "sample.loaded").exists() and time.monotonic() < deadline:
        time.sleep(0.3)
    (project,) = [p for p in httpx.get(f"{maskloom.url}/api/projects").json() if p["is_sample"]]
    assert (project["num_videos"], project["num_masklets"]) == (1, 4), maskloom.log_end()
    (video,) = httpx.get(f"{maskloom.url}/api/projects/{project['id']}/videos").json()
    changes = httpx.get(f"{maskloom.url}/api/videos/{video['id']}/changes?after=0&limit=5000").json()
    masked = [frame for frame in changes["frames"] if frame["mask"] is not None]
    assert len(masked) == 4 * video["num_frames"]
    versions = {frame["mask"]["model_version"] for frame in masked}
    assert versions == {httpx.get(f"{maskloom.url}/api/model").json()["version"]}


def test_only_the_loopback_is_listened_on(maskloom: RunningMaskloom) -> None:
    listening = [
        (process.name(), connection.laddr.ip)
        for process in family(maskloom)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) == 2, listening  # the backend and the model server; Postgres has no port
    assert {address for _name, address in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("part", ["model_server", "backend", "postgres"])
def test_a_killed_part_comes_back_and_work_goes_on(maskloom: RunningMaskloom, part: Part, tmp_path: Path) -> None:
    assert maskloom.kill(part)
    time.sleep(0.5)
    maskloom.wait_healthy(60)
    write_clip(tmp_path / "clip.mp4", "constant", 12)
    project = httpx.post(f"{maskloom.url}/api/projects", json={"name": part}).json()["id"]
    content = (tmp_path / "clip.mp4").read_bytes()
    url = f"{maskloom.url}/api/projects/{project}/videos?filename=clip.mp4"
    video = httpx.post(url, content=content, timeout=30).json()
    deadline = time.monotonic() + INGEST_SECONDS
    while video.get("state") == "ingesting" and time.monotonic() < deadline:
        time.sleep(0.2)
        video = httpx.get(f"{maskloom.url}/api/videos/{video['id']}", timeout=30).json()
    assert video["state"] == "ready", video


def test_killing_the_supervisor_ends_everything_and_the_next_start_recovers(maskloom: RunningMaskloom) -> None:
    before = httpx.get(f"{maskloom.url}/api/projects").json()
    children = family(maskloom)
    assert maskloom.process is not None
    maskloom.process.send_signal(signal.SIGKILL)
    maskloom.process.wait()
    assert wait_gone(children) == []
    maskloom.start()
    assert httpx.get(f"{maskloom.url}/api/projects").json() == before


def test_killing_every_process_at_once_is_recovered_from(maskloom: RunningMaskloom) -> None:
    before = httpx.get(f"{maskloom.url}/api/projects").json()
    children = family(maskloom)
    assert maskloom.process is not None
    maskloom.process.kill()
    kill_all(children)
    maskloom.process.wait()
    wait_gone(children)
    maskloom.start()
    assert httpx.get(f"{maskloom.url}/api/projects").json() == before


def test_ctrl_c_leaves_no_process_and_no_port(maskloom: RunningMaskloom) -> None:
    children = family(maskloom)
    assert maskloom.stop() == 0
    assert wait_gone(children) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(maskloom.url)
