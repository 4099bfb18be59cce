"""A small client of the API, for the sample loader and the simulation."""

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

TOKEN_VARIABLE = "MASKLOOM_API_TOKEN"  # in the environment, which other users of the machine cannot read


class RefusedError(RuntimeError):
    """The server rejected a request; the message has its problem."""


class Api:
    """One server, with one connection per call, because speed does not matter here."""

    def __init__(self, address: str, token: str | None = None) -> None:
        """`token` is an API token; it is needed if the site has accounts."""
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port

    def get(self, path: str) -> Any:
        return self._call("GET", path, None, {})

    def send(self, method: str, path: str, body: Any, *, key: UUID, version: int | None = None) -> Any:
        """Send a JSON body. `key` makes it safe to repeat; `version` is that of the edited masklet."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(key)}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._call(method, path, json.dumps(body).encode(), headers)

    def upload(self, project: str, file: Path, *, name: str, key: UUID) -> Any:
        path = f"/projects/{project}/videos?filename={quote(name)}"
        headers = {"Content-Length": str(file.stat().st_size), "Idempotency-Key": str(key)}
        with file.open("rb") as content:
            return self._call("POST", path, content, headers)

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=300)
        try:
            connection.request(method, f"/api{path}", body, headers | self._authorization)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RefusedError(f"{method} {path}: {content.decode(errors='replace')[:500]}")
        return json.loads(content) if content else None
