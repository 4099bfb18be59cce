"""What the client makes of lost connections and problems, at a server that really breaks them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from backend.client import connection
from backend.client.connection import SiteConnection, SiteProblem, SiteUnreachable

CONTENT = bytes(range(256)) * 4096


@dataclass
class Site:
    """A server of one file, which breaks off after so many bytes of each answer, and is busy a few times first."""

    piece: int = len(CONTENT)
    busy: int = 0
    ranges: list[str | None] = field(default_factory=list[str | None])
    bodies: list[tuple[str | None, bytes]] = field(default_factory=list[tuple[str | None, bytes]])
    address: str = ""


@contextmanager
def served(site: Site) -> Iterator[SiteConnection]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/gone"):
                self._answer(404, {"type": "urn:maskloom:problem:gone", "title": "Gone", "detail": "For good."})
                return
            wanted = self.headers["Range"]
            site.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            self.wfile.write(CONTENT[start : start + site.piece])
            self.close_connection = True

        def do_POST(self) -> None:
            site.bodies.append((self.headers["Idempotency-Key"], self.rfile.read(int(self.headers["Content-Length"]))))
            if site.busy:
                site.busy -= 1
                self._answer(503, {"title": "Busy"})
            else:
                self._answer(202, {"id": "made"})

        def _answer(self, status: int, body: dict[str, str]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Not among the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    found = SiteConnection(f"http://127.0.0.1:{server.server_address[1]}/")
    try:
        yield found
    finally:
        found.close()
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_SECONDS_BETWEEN_TRIES", 0)


def test_a_download_that_breaks_off_goes_on_with_the_byte_that_is_missing(tmp_path: Path) -> None:
    site, seen = Site(piece=300_000), list[int]()
    target = tmp_path / "dataset.zip"
    target.write_bytes(CONTENT[:1000])
    with served(site) as found:
        found.download("/file", target, size=len(CONTENT), on_progress=lambda done, _total: seen.append(done))
    assert target.read_bytes() == CONTENT
    assert site.ranges == [f"bytes={start}-" for start in range(1000, len(CONTENT), 300_000)]
    assert (seen[0], seen[-1], seen) == (1000, len(CONTENT), sorted(seen))


def test_a_server_that_sends_nothing_more_is_given_up_and_what_arrived_stays(tmp_path: Path) -> None:
    site = Site(piece=0)
    target = tmp_path / "dataset.zip"
    target.write_bytes(CONTENT[:1000])
    with served(site) as found, pytest.raises(SiteUnreachable, match="does not answer"):
        found.download("/file", target, size=len(CONTENT), on_progress=lambda _done, _total: None)
    assert target.read_bytes() == CONTENT[:1000]
    assert len(site.ranges) == 5


def test_a_busy_site_is_asked_again_with_the_same_key_and_the_whole_file(tmp_path: Path) -> None:
    site = Site(busy=2)
    file = tmp_path / "clip.mp4"
    file.write_bytes(CONTENT)
    with served(site) as found:
        answer = found.upload("/videos", file, name="clip.mp4", on_progress=lambda _done, _total: None)
    assert answer == {"id": "made"}
    assert [body for _key, body in site.bodies] == [CONTENT] * 3
    assert len({key for key, _body in site.bodies}) == 1


def test_a_problem_is_an_exception_with_its_words_and_nobody_at_home_is_another() -> None:
    with served(Site()) as found:
        with pytest.raises(SiteProblem) as problem:
            found.get("/gone")
        address = found.address
    assert (problem.value.status, problem.value.slug, str(problem.value)) == (404, "gone", "Gone: For good.")
    with pytest.raises(SiteUnreachable, match=address):
        SiteConnection(address).get("/gone")


def test_this_machine_is_reached_without_the_environments_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with served(site := Site()) as connection:
        assert connection.send("POST", "/anything", {}, version=3) == {"id": "made"}
        (there,) = site.bodies
        assert there[1] == b"{}"
        with pytest.raises(SiteUnreachable):
            SiteConnection("http://maskloom.invalid").get("/anything")
