"""Errors are problems, and tell nothing of the inside."""

from pathlib import Path

from fastapi import APIRouter

from backend import app as application
from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend


async def test_a_malformed_id_is_a_problem_that_names_it(backend: RunningBackend) -> None:
    refused = await backend.client.get("/api/videos/not-an-id")
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    body = refused.json()
    assert (body["title"], body["status"]) == ("The request is malformed", 422)
    assert body["detail"].startswith("path.video_id: ")


async def test_a_wrong_method_is_a_problem(backend: RunningBackend) -> None:
    refused = await backend.client.put("/api/projects")
    assert refused.status_code == 405
    assert refused.json()["type"].endswith(":method-not-allowed")


async def test_a_surprise_is_answered_without_its_reason(
    database_url: str, data_dir: Path, monkeypatch: object
) -> None:
    router = APIRouter()

    @router.get("/api/surprise")
    async def surprise() -> None:
        raise RuntimeError("the password is swordfish")

    routers = application.ROUTERS
    application.ROUTERS = (*routers, router)  # type: ignore[assignment]
    try:
        async with running_backend(Settings(database_url=database_url, data_dir=data_dir)) as backend:
            answer = await backend.client.get("/api/surprise")
    finally:
        application.ROUTERS = routers
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(":server-error")
    assert "swordfish" not in answer.text
