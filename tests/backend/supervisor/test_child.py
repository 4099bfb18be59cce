"""A child is started again when it ends by itself, later and later, and stopped when we say so."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backend.processes import is_alive
from backend.supervisor.child import Child


def make_child(tmp_path: Path, code: str) -> Child:
    return Child("worker", [sys.executable, "-c", code], environment=os.environ, log=tmp_path / "logs" / "worker.log")


def revive_until(child: Child, said: list[str], count: int) -> None:
    deadline = time.monotonic() + 20
    while len(said) < count and time.monotonic() < deadline:
        child.revive(said.append)
        time.sleep(0.02)


def test_an_ended_child_is_started_again_and_its_end_is_told(tmp_path: Path) -> None:
    child = make_child(tmp_path, "print('hello', flush=True); raise SystemExit(3)")
    child.start()
    said: list[str] = []
    revive_until(child, said, 2)
    child.stop()
    assert said[0].startswith("ended (status 3), starting it again")
    assert child.log_tail().count("hello") >= 2


def test_a_child_that_keeps_ending_is_started_less_and_less_often(tmp_path: Path) -> None:
    child = make_child(tmp_path, "raise SystemExit(1)")
    child.start()
    said: list[str] = []
    revive_until(child, said, 1)
    assert not child.failed_early()
    revive_until(child, said, 3)
    assert child.failed_early()
    child.stop()


@pytest.mark.parametrize(
    "code", ["import time; time.sleep(60)", "import signal, time; signal.signal(15, 1); time.sleep(60)"]
)
def test_stopping_ends_it_even_when_it_refuses(tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.supervisor.child._GRACE_SECONDS", 1.0)
    child = make_child(tmp_path, code)
    child.start()
    time.sleep(0.5)
    before = set(psutil.Process().children())
    child.stop()
    assert len(set(psutil.Process().children())) < len(before)


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from backend.supervisor.child import Child
command = [sys.executable, "-c", "import time; time.sleep(60)"]
child = Child("w", command, environment=os.environ, log=Path({str(tmp_path)!r}) / "w.log")
child.start()
print(child._process.pid, flush=True)
time.sleep(60)
"""
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)
