"""Only this machine's own page may call, and no more bytes than agreed come in."""

import httpx
import pytest

from tests.backend.running import RunningBackend


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1:1", "[::1", ""])
async def test_a_foreign_host_is_refused(backend: RunningBackend, host: str) -> None:
    refused = await backend.client.get("/api/projects", headers={"Host": host})
    assert refused.status_code in {400, 421}
    assert refused.headers.get("content-type", "").startswith(("application/problem+json", "text/plain"))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_every_name_of_this_machine_is_accepted(backend: RunningBackend, name: str) -> None:
    port = backend.url.rpartition(":")[2]
    assert (await backend.client.get("/api/projects", headers={"Host": f"{name}:{port}"})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_page_cannot_write(backend: RunningBackend, headers: dict[str, str]) -> None:
    refused = await backend.client.post("/api/projects", json={"name": "X"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["type"].endswith(":foreign-origin")
    assert (await backend.client.get("/api/projects")).json() == []


@pytest.mark.parametrize("fetch_site", ["same-origin", "none"])
async def test_our_own_page_can_write(backend: RunningBackend, fetch_site: str) -> None:
    headers = {"Origin": backend.url, "Sec-Fetch-Site": fetch_site}
    assert (await backend.client.post("/api/projects", json={"name": "X"}, headers=headers)).status_code == 201


async def test_an_oversized_body_is_refused_before_it_is_read(backend: RunningBackend) -> None:
    huge = b'{"name": "' + b"x" * (17 * 1024 * 1024) + b'"}'
    try:
        refused = await backend.client.post("/api/projects", content=huge)
    except httpx.WriteError:
        return  # the server hung up on the sender, as it may
    assert refused.status_code == 413


async def test_every_answer_tells_browsers_to_be_strict(backend: RunningBackend) -> None:
    for path in ("/", "/api/projects", "/api/nothing"):
        headers = (await backend.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-request-id"], path
