"""Health says what serves and what does not."""

import pytest
from sqlalchemy import text

from backend.db.engine import make_engine
from backend.health import service
from backend.videos.decoder_cage import DecoderCage, decoder_cage
from backend.videos.media.cage.walls import Wall
from tests.backend.running import RunningBackend


async def test_without_a_model_server_health_says_so(backend: RunningBackend) -> None:
    answer = await backend.client.get("/api/health")
    assert answer.status_code == 503
    body = answer.json()
    assert body["database"] == {"status": "ok", "detail": None}
    assert body["jobs"]["status"] == "ok"
    assert body["model_server"]["status"] == "down"
    assert body["status"] == "down"


async def test_health_says_which_walls_around_the_decoders_are_missing(
    backend: RunningBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (await backend.client.get("/api/health")).json()
    assert body["decoder"] == {
        "status": "exposed" if decoder_cage().exposed else "ok",
        "warnings": list(decoder_cage().warnings()),
    }
    poor = DecoderCage({Wall.file_tree: "not permitted", Wall.landlock: "not supported"})
    monkeypatch.setattr(service, "decoder_cage", lambda: poor)
    decoder = (await backend.client.get("/api/health")).json()["decoder"]
    assert decoder["status"] == "exposed"
    assert "could reach other files, settings and logs" in decoder["warnings"][0]
    assert "one of their walls, Landlock: not supported. Use Linux 6.2" in decoder["warnings"][2]


async def test_a_database_of_another_version_is_not_healthy(backend: RunningBackend, database_url: str) -> None:
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    body = (await backend.client.get("/api/health")).json()
    assert body["database"]["status"] == "down"
    assert "9999" in body["database"]["detail"]
