"""Health says what serves and what does not."""

from sqlalchemy import text

from backend.db.engine import make_engine
from tests.backend.running import RunningBackend


async def test_without_a_model_server_health_says_so(backend: RunningBackend) -> None:
    answer = await backend.client.get("/api/health")
    assert answer.status_code == 503
    body = answer.json()
    assert body["database"] == {"status": "ok", "detail": None}
    assert body["jobs"]["status"] == "ok"
    assert body["model_server"]["status"] == "down"
    assert body["status"] == "down"


async def test_a_database_of_another_version_is_not_healthy(backend: RunningBackend, database_url: str) -> None:
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    body = (await backend.client.get("/api/health")).json()
    assert body["database"]["status"] == "down"
    assert "9999" in body["database"]["detail"]
