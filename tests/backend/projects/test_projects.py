"""Projects over HTTP."""

from uuid import uuid4

from tests.backend.running import RunningBackend


async def test_a_project_comes_back_as_it_was_made(backend: RunningBackend) -> None:
    made = await backend.client.post("/api/projects", json={"name": "  Street  ", "stride": 2})
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["stride"], body["long_side"], body["num_videos"]) == ("Street", 2, 1920, 0)
    assert (await backend.client.get(f"/api/projects/{body['id']}")).json() == body
    assert (await backend.client.get("/api/projects")).json() == [body]


async def test_the_same_idempotency_key_makes_one_project(backend: RunningBackend) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = await backend.client.post("/api/projects", json={"name": "Once"}, headers=headers)
    second = await backend.client.post("/api/projects", json={"name": "Once"}, headers=headers)
    assert first.json() == second.json()
    assert first.json()["id"] == headers["Idempotency-Key"]
    other = await backend.client.post("/api/projects", json={"name": "Twice"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["type"].endswith(":idempotency-key-reused")


async def test_only_what_is_sent_changes(backend: RunningBackend) -> None:
    made = (await backend.client.post("/api/projects", json={"name": "A", "stride": 3})).json()
    changed = await backend.client.patch(f"/api/projects/{made['id']}", json={"name": "B"})
    assert changed.json() == made | {"name": "B"}


async def test_a_deleted_project_is_gone(backend: RunningBackend) -> None:
    made = (await backend.client.post("/api/projects", json={"name": "A"})).json()
    assert (await backend.client.delete(f"/api/projects/{made['id']}")).status_code == 204
    missing = await backend.client.get(f"/api/projects/{made['id']}")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
    assert missing.json()["detail"] == "There is no such project, or no longer."


async def test_a_nameless_project_is_refused_with_the_reason(backend: RunningBackend) -> None:
    refused = await backend.client.post("/api/projects", json={"name": "   "})
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":malformed-request")
    assert "body.name" in refused.json()["detail"]
