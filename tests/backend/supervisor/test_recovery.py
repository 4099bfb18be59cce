"""A full disk or a hung process does not end `maskloom up`: it waits, says why, and goes on by itself."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from backend.storage.live_folder import paths_in
from tests.processes import is_over
from tests.running import Part, RunningMaskloom
from tests.small_disk import SmallDisk, small_disk

pytestmark = pytest.mark.timeout(300)
DISK_BYTES = 400 * 1024**2


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(tmp_path_factory.mktemp("disk"), num_bytes=DISK_BYTES) as disk:
        yield disk


@pytest.fixture(scope="module")
def maskloom(disk: SmallDisk, mini_weights: Path) -> Iterator[RunningMaskloom]:
    running = RunningMaskloom(disk.folder / "data", model=mini_weights)
    running.start()
    yield running
    disk.make_room()
    running.stop()


def health(maskloom: RunningMaskloom) -> dict[str, dict[str, str]]:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{maskloom.url}/api/health", timeout=5).json()
    return {}


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def fill_the_log(maskloom: RunningMaskloom) -> None:
    """Write until Postgres needs another file for its log, finds no room for it, and ends."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(maskloom.database_url(), autocommit=True) as connection:
        for _ in range(2000):
            connection.execute("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 100000))")


@pytest.mark.long
def test_a_full_disk_is_said_by_health_while_the_database_still_runs(
    maskloom: RunningMaskloom, disk: SmallDisk
) -> None:
    disk.fill()
    until(lambda: health(maskloom)["disk"]["status"] == "down")
    told = health(maskloom)
    assert told["status"] == "down"
    assert "disk is full" in told["disk"]["detail"]
    until(lambda: health(maskloom)["database"]["detail"] == "The database's disk is full.")
    disk.make_room()
    maskloom.wait_healthy(20)


def test_a_disk_too_full_for_the_log_is_waited_for(maskloom: RunningMaskloom, disk: SmallDisk) -> None:
    assert httpx.post(f"{maskloom.url}/api/projects", json={"name": "Kept"}).status_code == 201
    disk.fill()
    fill_the_log(maskloom)
    until(lambda: health(maskloom).get("database", {}).get("status") == "down")
    time.sleep(6)  # longer than it once took to give up
    assert maskloom.process is not None
    assert maskloom.process.poll() is None
    assert health(maskloom)["disk"]["status"] == "down"
    disk.make_room()
    maskloom.wait_healthy(30)
    assert "Kept" in [project["name"] for project in httpx.get(f"{maskloom.url}/api/projects").json()]
    assert httpx.post(f"{maskloom.url}/api/projects", json={"name": "Next"}).status_code == 201
    assert "is full" in maskloom.log_end()


def test_a_start_on_a_full_disk_waits_for_room(maskloom: RunningMaskloom, disk: SmallDisk) -> None:
    maskloom.stop()
    disk.fill()
    maskloom.launch()
    assert maskloom.process is not None
    time.sleep(5)
    assert maskloom.process.poll() is None
    disk.make_room()
    maskloom.wait_healthy(60)


def test_nobody_else_reads_the_data_folder(maskloom: RunningMaskloom) -> None:
    assert maskloom.data_dir.stat().st_mode & 0o777 == 0o700
    (maskloom.data_dir / "up.log").chmod(0o600)  # the test's own
    open_ones = [path for path in paths_in(maskloom.data_dir) if not path.is_symlink() and path.lstat().st_mode & 0o077]
    assert [path for path in open_ones if not path.is_socket()] == []


@pytest.mark.slow
@pytest.mark.parametrize("part", ["backend", "model_server", "postgres"])
def test_a_stopped_part_is_noticed_and_replaced(maskloom: RunningMaskloom, part: Part, tmp_path: Path) -> None:
    victim = maskloom.part(part)
    assert victim is not None
    victim.send_signal(signal.SIGSTOP)
    until(lambda: is_over(victim), seconds=60)
    maskloom.wait_healthy(60)
    assert "does not answer" in maskloom.log_end()
