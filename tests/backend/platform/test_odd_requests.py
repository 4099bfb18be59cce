"""No request makes the server fail, however odd, and every parameter and body has bounds."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.app import create_app
from backend.problems import MEDIA_TYPE
from backend.settings import Settings
from tests.backend.backend_process import BackendProcess
from tests.backend.platform.odd_requests import OddHand, OddRequest, operations, status_of
from tests.backend.platform.site import minted_ids
from tests.bounds import unbounded

SEED = 20261129
NO_UTF_8 = b'{"\xff": 1}'


@pytest.mark.parametrize(
    "num_requests", [pytest.param(300, id="some hundred"), pytest.param(5_000, id="thousands", marks=pytest.mark.slow)]
)
def test_no_odd_request_makes_the_server_fail(site: BackendProcess, num_requests: int) -> None:
    host = site.url.removeprefix("http://")
    known = operations(create_app(Settings()).openapi())
    failures: list[str] = []
    statuses: Counter[int] = Counter()
    hand: OddHand | None = None
    for number in range(num_requests):
        if number % 100 == 0:  # a drawn request may delete what is there
            hand = OddHand(SEED + number, known, asyncio.run(minted_ids(site)), host)
        assert hand is not None
        request = hand.draw()
        status = status_of(site.url, request)
        statuses[status] += 1
        if status >= 500 and b"/api/health" not in request.content.split(b"\r\n")[0]:
            failures.append(f"{status}: {request}")
    assert failures == [], f"{len(failures)}\n" + "\n".join(failures[:20])
    assert {200, 404, 422} <= set(statuses), statuses


ADDRESSES = {
    "/%00": 400,
    "/a%00b/c": 400,
    "/%0d%0aSet-Cookie:%20a=b": 400,
    f"/{'a' * 300}": 200,  # the page, as for any address: no file has such a name
    f"/assets/{'a' * 300}": 404,
    "/%ff%fe": 200,
    f"/{'a/' * 3000}": 414,
    f"/api/projects?odd={'a' * 5000}": 414,
    "/api/projects?odd=%00": 200,  # nobody reads it
    "/api/videos/VIDEO/changes?after=9223372036854775807": 200,
    "/api/videos/VIDEO/changes?after=9223372036854775808": 422,
    "/api/videos/VIDEO/events?after=9223372036854775808": 422,
    f"/api/videos/VIDEO/changes?after={'9' * 3000}": 422,
}
SEEN = {"9223372036854775807": 200, "9223372036854775808": 422, "-1": 422, "9" * 5000: 422, "x": 422}
"""What a browser that reconnects says it has seen of a stream, and the answer."""


def test_every_odd_address_has_its_answer(site: BackendProcess) -> None:
    host = site.url.removeprefix("http://")
    video_id = asyncio.run(minted_ids(site))["video_id"]
    end = f" HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    answers = {
        address: status_of(site.url, OddRequest(f"GET {address.replace('VIDEO', video_id)}{end}\r\n".encode()))
        for address in ADDRESSES
    }
    assert answers == ADDRESSES
    resumed = f"GET /api/videos/{video_id}/events{end}Last-Event-ID: "
    streams = {seen: status_of(site.url, OddRequest(f"{resumed}{seen}\r\n\r\n".encode())) for seen in SEEN}
    assert streams == SEEN


def test_every_body_that_cannot_be_read_is_a_documented_problem(site: BackendProcess) -> None:
    ids = defaultdict(lambda: "3", asyncio.run(minted_ids(site)))
    description = create_app(Settings()).openapi()
    undocumented: list[str] = []
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            for media_type in operation.get("requestBody", {}).get("content", {}):
                headers = {"Content-Type": media_type, "Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
                answer = httpx.request(method, site.url + path.format_map(ids), content=NO_UTF_8, headers=headers)
                documented = operation["responses"].get(str(answer.status_code), {})
                if not answer.is_client_error or MEDIA_TYPE not in documented.get("content", {}):
                    undocumented.append(f"{method} {path}: {answer.status_code} {answer.text}")
    assert undocumented == []


def test_every_parameter_and_body_has_bounds() -> None:
    description = create_app(Settings()).openapi()
    assert sorted(_unbounded(description)) == []


def test_a_parameter_without_bounds_is_found() -> None:
    schema = {
        "name": "after",
        "in": "query",
        "schema": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
    }
    assert list(_unbounded({"paths": {"/a": {"get": {"parameters": [schema]}}}})) == ["get /a query after: maximum"]


def _unbounded(description: dict[str, Any]) -> Iterator[str]:
    """Every number without a maximum and every text or list without a length that a request may carry."""
    schemas = description.get("components", {}).get("schemas", {})
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                place = f"{method} {path} {parameter['in']} {parameter['name']}"
                yield from unbounded(parameter["schema"], place, schemas)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from unbounded(content["schema"], f"{method} {path} body", schemas)
