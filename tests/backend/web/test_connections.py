"""Whoever sends slowly, endlessly or nothing at all is in nobody's way, and is told so in words."""

import email
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest

from backend.settings import Settings
from backend.supervisor.server import server_command
from backend.web import connection
from tests.backend.backend_process import BackendProcess

MB = 1024 * 1024


@dataclass
class Served(BackendProcess):
    """The backend as the supervisor starts it."""

    def command(self) -> list[str]:
        return server_command(self.port)

    def connect(self, beginning: bytes = b"") -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=40)
        opened.sendall(beginning)
        return opened

    def post(self, headers: str) -> bytes:
        """The head of a request of our own page."""
        about = f"Host: 127.0.0.1:{self.port}\r\nOrigin: {self.url}\r\nContent-Type: application/json\r\n"
        return f"POST /api/sign-in HTTP/1.1\r\n{about}{headers}\r\n\r\n".encode()

    @property
    def resident_bytes(self) -> int:
        assert self.process is not None
        return int(psutil.Process(self.process.pid).memory_info().rss)


@pytest.fixture(scope="module")
def served(postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from tests.conftest import database_url_of

    url = database_url_of(postgres_url, template_database)  # nothing is written
    process = Served(Settings(database_url=url, data_dir=tmp_path_factory.mktemp("served"), sign_in="accounts"))
    process.start()
    yield process
    assert process.process is not None
    process.process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.process.wait(20)


def seconds_of_an_answer(served: Served) -> float:
    begun = time.perf_counter()
    assert httpx.get(f"{served.url}/api/sign-in", timeout=20).status_code == 200
    return time.perf_counter() - begun


def problem_from(opened: socket.socket) -> dict[str, Any]:
    """The problem that comes back."""
    with opened, opened.makefile("rb") as answer:
        status = int(answer.readline().split()[1])
        headers = email.message_from_bytes(b"".join(iter(answer.readline, b"\r\n")))
        problem = json.loads(answer.read(int(headers["content-length"])))
    assert headers["content-type"] == "application/problem+json"
    assert (problem["status"], bool(problem["detail"]), bool(problem["title"])) == (status, True, True)
    return dict(problem)


def told(opened: socket.socket) -> tuple[int, str]:
    """Status and slug of the problem that comes back."""
    problem = problem_from(opened)
    return problem["status"], str(problem["type"]).rpartition(":")[2]


@pytest.mark.parametrize("beginning", [b"GET /", b"GET / HTTP/1.1\r\nX-Long: ", b"GET / HTTP/1.1\r\n"])
def test_a_head_without_an_end_is_cut_off(served: Served, beginning: bytes) -> None:
    before = served.resident_bytes
    piece = (b"X-Another: a\r\n" if beginning.endswith(b"\n") else b"a") * (MB // 14)
    with served.connect(beginning) as opened, suppress(OSError):
        for _ in range(300):
            opened.sendall(piece)
    assert served.resident_bytes - before < 20 * MB
    assert seconds_of_an_answer(served) < 5


@pytest.mark.long
def test_connections_that_say_nothing_or_half_of_it_keep_nobody_out(served: Served) -> None:
    """Not even more of them than a process may have files by default."""
    with ExitStack() as stack:
        halves = [stack.enter_context(served.connect(b"GET / HTTP/1.1\r\nX-Half: ")) for _ in range(600)]
        _silent = [stack.enter_context(served.connect()) for _ in range(600)]
        assert seconds_of_an_answer(served) < 5
        time.sleep(connection.HEAD_SECONDS / 2)
        halves[0].sendall(b"a")  # to be slow does not make it longer
        assert told(halves[0]) == (408, "head-too-slow")


@pytest.mark.parametrize(
    "request_", [b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"]
)
def test_what_is_no_request_is_told_so(served: Served, request_: bytes) -> None:
    assert told(served.connect(request_)) == (400, "not-http")


def test_a_body_of_many_values_is_refused_before_it_takes_time(served: Served) -> None:
    """Each unknown name would be told of, and a million of them kept everybody waiting."""
    body = ("{" + ",".join(f'"k{number}":1' for number in range(80_000)) + "}").encode()
    assert len(body) < MB
    begun = time.perf_counter()
    assert told(served.connect(served.post(f"Content-Length: {len(body)}") + body)) == (413, "body-too-large")
    assert time.perf_counter() - begun < 2
    few = ("{" + ",".join(f'"k{number}":1' for number in range(20_000)) + "}").encode()
    problem = problem_from(served.connect(served.post(f"Content-Length: {len(few)}") + few))
    assert (problem["status"], len(problem["errors"])) == (422, 100)


def test_a_body_that_is_longer_than_it_said_is_refused_as_too_large(served: Served) -> None:
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    opened = served.connect(served.post("Transfer-Encoding: chunked"))
    with suppress(OSError):
        opened.sendall(piece * 20)
    assert told(opened) == (413, "body-too-large")


def test_many_unfinished_bodies_take_little_memory(served: Served) -> None:
    """They are read before it is known who sends them."""
    before = served.resident_bytes
    with ExitStack() as stack:
        for _ in range(60):
            opened = stack.enter_context(served.connect(served.post("Content-Length: 1000000")))
            opened.sendall(b" " * 990_000)
        assert seconds_of_an_answer(served) < 5
        assert served.resident_bytes - before < 250 * MB
