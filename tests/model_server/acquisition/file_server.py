"""A real HTTP server on loopback that serves one file, well or badly."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What it serves, how it misbehaves, and what it was asked."""

    contents: bytes
    etag: str | None = '"one"'
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    """Of each of the next answers: bytes of the body after which the connection breaks."""
    status: int = 200
    content_type: str = "application/octet-stream"
    asked: list[tuple[str | None, int]] = field(default_factory=list)
    """Range and status of each request."""
    url: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        first, status = 0, self.status
        if wanted and self.ranges and status == 200 and request.headers.get("If-Range") == self.etag:
            match = re.fullmatch(r"bytes=(\d+)-", wanted)
            assert match, wanted
            first, status = int(match[1]), 206
            if first >= len(self.contents):
                status = 416
        self.asked.append((wanted, status))
        body = b"" if status == 416 else self.contents[first:]
        request.send_response(status)
        request.send_header("Content-Type", self.content_type)
        request.send_header("Content-Length", str(len(body)))
        if self.etag:
            request.send_header("ETag", self.etag)
        if status == 206:
            request.send_header("Content-Range", f"bytes {first}-{len(self.contents) - 1}/{len(self.contents)}")
        if status == 416:
            request.send_header("Content-Range", f"bytes */{len(self.contents)}")
        request.end_headers()
        cut = self.cut_after.pop(0) if self.cut_after else None
        request.wfile.write(body if cut is None else body[:cut])
        request.wfile.flush()
        if cut is not None:
            request.connection.close()
            request.close_connection = True


@contextmanager
def file_server(contents: bytes) -> Iterator[FileServer]:
    """Serving until the block ends."""
    served = FileServer(contents)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}/weights.pt"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
