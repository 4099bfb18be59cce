import asyncio
from importlib.metadata import version

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.db.engine import Sessions
from backend.db.migrate import newest_revision
from backend.health.schemas import HealthRead, PartHealth, State
from backend.jobs.queue import JobQueue
from backend.model_client.client import ModelClient
from backend.model_client.refusals import ModelServerUnavailable
from model_server.contract.catalogue import CONTRACT_VERSION

_SEVERITY: tuple[State, ...] = ("ok", "starting", "down")
_OK = PartHealth(status="ok", detail=None)


async def health(sessions: Sessions, model_client: ModelClient, queue: JobQueue) -> HealthRead:
    """Ask every part, at the same time."""
    database, model_server = await asyncio.gather(_database(sessions), _model_server(model_client))
    jobs = _OK if queue.is_working else PartHealth(status="down", detail="No worker is running.")
    parts = (database, model_server, jobs)
    states: list[State] = [part.status for part in parts]
    return HealthRead(
        status=max(states, key=_SEVERITY.index),
        database=database,
        model_server=model_server,
        jobs=jobs,
        version=version("maskloom"),
    )


async def _database(sessions: Sessions) -> PartHealth:
    try:
        async with sessions.begin() as session:
            revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        return PartHealth(status="down", detail=type(error).__name__)
    if revision != newest_revision():
        return PartHealth(status="down", detail=f"At migration {revision}, this version needs {newest_revision()}.")
    return _OK


async def _model_server(client: ModelClient) -> PartHealth:
    try:
        answer = await client.health()
    except ModelServerUnavailable as error:
        return PartHealth(status="down", detail=error.detail)
    if answer.contract_version != CONTRACT_VERSION:
        detail = f"Speaks contract {answer.contract_version}, this version needs {CONTRACT_VERSION}."
        return PartHealth(status="down", detail=detail)
    if answer.status == "failed":
        return PartHealth(status="down", detail=answer.detail or "The model could not be loaded.")
    return _OK if answer.status == "ready" else PartHealth(status="starting", detail="The model is being loaded.")
