"""Requests as no browser sends them, drawn from a seed: odd addresses, parameters, headers and bodies."""

import json
import random
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "get")
NUMBERS = (
    "-1",
    "0",
    "1",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "1" + "0" * 5000,
    "1e400",
    "NaN",
    "٣",
)
NUMBERS += ("-9223372036854775809", "0x10", "1_000", " 1", "+1", "Infinity", "1.5", "")
TEXTS = (
    "%00",
    "%ff%fe",
    "%F0%9F%A6%8A",
    "%ED%A0%80",
    "a" * 300,
    "a" * 6000,
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%",
    "%zz",
)
TEXTS += ("'", '"', "%0d%0aX-Odd:1", "null", "[]", "{}", "%E2%80%AE", "CON", ".", "..", "~", "*", "a%00b", "%C0%80")
RANGES = (
    "bytes=" + "9" * 5000 + "-",
    "bytes=-" + "9" * 5000,
    "bytes=0-" + "9" * 5000,
    "bytes=5-1",
    "bytes=-0",
    "bytes=-",
)
RANGES += ("bytes=0-0,5-9", "bytes=a-b", "bytes", "chars=0-4", "bytes=-1", "bytes=\xb2-", "bytes= 0 - 1 ", "bytes=0-")
VERSIONS = ('"1"', '"' + "9" * 30 + '"', '"' + "9" * 5000 + '"', 'W/"1"', "*", '"-1"', '"\xb2"', '""', "1", '"1", "2"')
LEASES = ("/", "a/b", "00000000-0000-0000-0000-000000000000/" + "9" * 5000, "00000000-0000-0000-0000-000000000000/\xb2")
LEASES += (
    "00000000-0000-0000-0000-000000000000/-1",
    "00000000-0000-0000-0000-000000000000/9223372036854775808",
    "\xff",
)
CREDENTIALS = ("Bearer ", "Bearer \xff", "Bearer " + "a" * 7000, "Basic Og==", "Basic \x80", "Bearer a b", "Negotiate")
COOKIES = ("maskloom=", "maskloom=\xff", "=;;=", "maskloom=" + "a" * 4000, 'maskloom="', "__Host-maskloom=\x80")
TYPES = ("application/json", "application/json; charset=utf-16", "application/json; charset=klingon", "text/plain", "")
TYPES += (
    "multipart/form-data",
    "multipart/form-data; boundary=" + "a" * 300,
    "application/x-www-form-urlencoded",
    "\xff",
)
DEEP = 100_000


@dataclass(frozen=True)
class Operation:
    """One method of one address of the API, with the names of its query parameters."""

    method: str
    path: str
    query: Sequence[str]


@dataclass(frozen=True)
class OddRequest:
    """A request as bytes, and its first lines for people."""

    content: bytes

    def __str__(self) -> str:
        return repr(self.content[:400])


def operations(description: Mapping[str, Any]) -> list[Operation]:
    """All operations of an OpenAPI description."""
    return [
        Operation(
            method.upper(), path, [named["name"] for named in details.get("parameters", []) if named["in"] == "query"]
        )
        for path, methods in description["paths"].items()
        for method, details in methods.items()
    ]


class OddHand:
    """A seeded hand that writes odd requests to the operations of an API. `ids` fill the names in their paths."""

    def __init__(self, seed: int, known: Sequence[Operation], ids: Mapping[str, str], host: str) -> None:
        self._rng = random.Random(seed)
        self._known, self._ids, self._host = known, ids, host

    def draw(self) -> OddRequest:
        operation = self._rng.choice(self._known)
        method = operation.method if self._likely(0.7) else self._rng.choice(METHODS)
        target = self._path(operation) + self._query(operation)
        body = b"" if method in {"GET", "HEAD"} and self._likely(0.9) else self._body()
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}", "Connection: close", *self._headers(body)]
        return OddRequest("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def _likely(self, probability: float) -> bool:
        return self._rng.random() < probability

    def _path(self, operation: Operation) -> str:
        if self._likely(0.1):
            return "/" + "/".join(self._rng.choice(TEXTS) for _ in range(self._rng.randrange(1, 4)))
        parts = [self._segment(part) for part in operation.path.split("/")]
        if self._likely(0.1):
            parts.insert(self._rng.randrange(1, len(parts) + 1), self._rng.choice(TEXTS))
        return "/".join(parts)

    def _segment(self, part: str) -> str:
        if not part.startswith("{"):
            return part
        if self._likely(0.75):
            return self._ids.get(part[1:-1], "3")
        return self._rng.choice(TEXTS + NUMBERS).replace(" ", "%20").replace("٣", "%D9%A3")

    def _query(self, operation: Operation) -> str:
        names = [name for name in operation.query if self._likely(0.6)] + (["odd"] if self._likely(0.1) else [])
        values = [self._rng.choice(NUMBERS if self._likely(0.6) else TEXTS) for _ in names]
        pairs = [f"{name}={value}" for name, value in zip(names, values, strict=True)]
        text = "&".join(pairs).replace(" ", "%20").replace("٣", "%D9%A3")
        return f"?{text}" if text else ""

    def _headers(self, body: bytes) -> list[str]:
        rng = self._rng
        drawn = {
            "Idempotency-Key": rng.choice(
                (str(rng.getrandbits(128)), "\xff", "00000000-0000-0000-0000-00000000000" + str(rng.randrange(10)))
            ),
            "If-Match": rng.choice(VERSIONS),
            "If-None-Match": rng.choice(VERSIONS),
            "Range": rng.choice(RANGES),
            "If-Range": rng.choice(VERSIONS),
            "Lease": rng.choice(LEASES),
            "Last-Event-ID": rng.choice(("\xb2", *(number for number in NUMBERS if number.isascii()))),
            "Cookie": rng.choice(COOKIES),
            "X-Request-Id": rng.choice(("\xe9" * 12, "a" * 12, "-" * 12)),
            "Accept": rng.choice(("*/*", "application/xml", "\xff", "")),
            "Accept-Language": "\xff",
            "Content-Encoding": rng.choice(("gzip", "br", "\xff")),
            "Sec-Fetch-Site": rng.choice(("same-origin", "\xff")),
            "Origin": rng.choice((f"http://{self._host}", "null", "\xff")),
        }
        lines = [f"{name}: {value}" for name, value in drawn.items() if self._likely(0.25)]
        if self._likely(0.05):
            lines.append(f"Authorization: {rng.choice(CREDENTIALS)}")
        if body:
            lines.append(f"Content-Type: {'application/json' if self._likely(0.7) else rng.choice(TYPES)}")
            lines.append(f"Content-Length: {len(body)}")
        return lines

    def _body(self) -> bytes:
        rng = self._rng
        odd = (
            b"\xff\xfe",
            b'{"name": "\xff"}',
            b"[" * DEEP,
            b'{"a":' * DEEP,
            b"",
            b"null",
            b"[]",
            b'"',
            b"1" * 5000,
            b"1e999",
        )
        odd += (
            b"NaN",
            b'{"name": "\\ud800"}',
            b'{"name": "a", "name": "b"}',
            b"\xef\xbb\xbf{}",
            '{"n": 1}'.encode("utf-16"),
        )
        odd += (
            b"--a\r\n\r\n--a--",
            b"--" + b"a" * 300 + b'\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nx',
        )
        if self._likely(0.5):
            return rng.choice(odd)
        fields = (
            "name",
            "mask",
            "tool",
            "prompts",
            "events",
            "login",
            "password",
            "verdict",
            "masklet_ids",
            "start",
            "format",
            "role",
        )
        values = (
            None,
            [],
            {},
            -1,
            2**63,
            2**64,
            1e308,
            "\x00",
            "a" * 100_000,
            True,
            [[]] * 1000,
            {"": {"": ""}},
            "\ud800",
            10**400,
        )
        return json.dumps({name: rng.choice(values) for name in rng.sample(fields, 4)}).encode()


def status_of(url: str, request: OddRequest, *, seconds: float = 30) -> int:
    """Send a request over a connection of its own. 0 means that the server hung up without an answer.

    Raises:
        TimeoutError: there was no answer within `seconds`.
    """
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=seconds) as connection:
        try:
            connection.sendall(request.content)
            line = connection.makefile("rb").readline()
        except (BrokenPipeError, ConnectionResetError):
            return 0
    return int(line.split()[1]) if line else 0
