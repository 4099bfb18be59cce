"""Read the backend's health."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_PARTS = {"database": "database", "model_server": "model server", "jobs": "jobs"}


@dataclass(frozen=True)
class Health:
    """`parts` maps each part to its state and detail; empty if the backend does not answer."""

    is_ok: bool = False
    parts: dict[str, tuple[str, str | None]] = field(default_factory=dict[str, tuple[str, str | None]])

    def news_since(self, earlier: "Health") -> Iterator[tuple[str, str]]:
        """Parts that have become ready, and the details of those that are still starting."""
        for part, (state, detail) in self.parts.items():
            if self.parts.get(part) == earlier.parts.get(part):
                continue
            if state == "ok":
                yield part, "ready"
            elif state == "starting" and detail:
                yield part, detail

    def __str__(self) -> str:
        missing = [
            f"{part} is {state}" + (f" ({detail})" if detail else "") for part, (state, detail) in self.parts.items()
        ]
        return "; ".join(missing) or "the backend does not answer"


def read_health(address: str) -> Health:
    """Read GET /api/health. Without an answer, all parts are unknown."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        body: dict[str, Any] = json.loads(answer.read())
        states = {name: (body[key]["status"], body[key]["detail"]) for key, name in _PARTS.items()}
        return Health(answer.status == 200, {"backend": ("ok", None), **states})
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return Health()
    finally:
        connection.close()
