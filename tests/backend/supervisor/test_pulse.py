"""A process that lives and does not answer is told from one that starts, is slow for once, or was away itself."""

import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from backend.supervisor import pulse
from backend.supervisor.child import Child
from backend.supervisor.pulse import Pulse, answers_http
from tests.running import free_port

SERVER = "import http.server, sys; http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]))"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(pulse, "_SECONDS_BETWEEN", 0.05)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Child, list[str]]]:
    """A web server under supervision, and what is said of it."""
    port = free_port()
    ask = answers_http(f"http://127.0.0.1:{port}", "/")
    child = Child("w", [sys.executable, "-c", SERVER, str(port)], environment={}, log=tmp_path / "w.log", ask=ask)
    child.start()
    until(lambda: answers(port))
    yield child, []
    child.stop()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(holds: object, seconds: float = 20) -> None:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def newest_child() -> psutil.Process:
    return max(psutil.Process().children(), key=lambda process: process.create_time())


def test_a_stopped_process_is_killed_and_started_again(served: tuple[Child, list[str]]) -> None:
    child, said = served
    time.sleep(0.5)  # it has answered
    before = newest_child()
    before.send_signal(signal.SIGSTOP)

    def revived() -> bool:
        child.revive(said.append)
        return len(said) == 2 and bool(psutil.Process().children())

    until(revived)
    assert newest_child().pid != before.pid
    assert said[0] == "does not answer; killing it"
    assert said[1].startswith("ended (signal SIGKILL), starting it again")


def test_a_process_that_answers_is_left_alone(served: tuple[Child, list[str]]) -> None:
    child, said = served
    before = newest_child()
    for _look in range(40):
        child.revive(said.append)
        time.sleep(0.05)
    assert said == []
    assert newest_child().pid == before.pid


def test_one_missed_answer_is_forgiven_and_a_start_may_take_long() -> None:
    script = [None] * 6 + [True, False, None, False, True]
    heard: list[bool | None] = []

    def ask() -> bool | None:
        heard.append(script[len(heard)] if len(heard) < len(script) else True)
        return heard[-1]

    listener = Pulse(ask)
    listener.begin()
    while len(heard) < len(script) + 2:
        assert not listener.is_lost
        time.sleep(0.01)


def test_a_process_that_takes_the_first_question_and_says_nothing_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        listener = Pulse(answers_http(f"http://127.0.0.1:{mute.getsockname()[1]}", "/"))
        listener.begin()
        until(lambda: listener.is_lost)
