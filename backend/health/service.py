"""Check the health of each part of the system."""

import asyncio
from contextlib import suppress
from importlib.metadata import version

from sqlalchemy.exc import SQLAlchemyError

from backend.db.engine import Sessions
from backend.db.migrate import newest_revision
from backend.events.bus import EventBus
from backend.health import queries
from backend.health.schemas import DecoderHealth, HealthRead, ModelServerHealth, PartHealth, Readiness, State
from backend.health.vitals import Vitals
from backend.jobs.queue import JobQueue
from backend.model_client.fleet import Fleet, ModelServer
from backend.videos.decoder_cage import decoder_cage

_SEVERITY: tuple[State, ...] = ("ok", "starting", "down")
_VERSION = version("maskloom")
_ASK_SECONDS = 2.0
_OK = PartHealth(status="ok", detail=None)


async def health(sessions: Sessions, fleet: Fleet, queue: JobQueue, *, bus: EventBus, vitals: Vitals) -> HealthRead:
    """Check all parts at the same time."""
    asked = (_model_server(number, server) for number, server in enumerate(fleet.servers, 1))
    database, model_servers, decoder = await asyncio.gather(
        _database(sessions), asyncio.gather(*asked), asyncio.to_thread(_decoder)
    )
    model_server = _together(model_servers)
    jobs = _OK if queue.is_working else PartHealth(status="down", detail="No worker is running.")
    if database.status == "ok" and vitals.write_problem is not None:
        database = PartHealth(status="down", detail=vitals.write_problem)
    disk = _OK if vitals.disk_problem is None else PartHealth(status="down", detail=vitals.disk_problem)
    parts = (database, model_server, jobs, disk)
    states: list[State] = [part.status for part in parts]
    return HealthRead(
        status=max(states, key=_SEVERITY.index),
        database=database,
        model_server=model_server,
        model_servers=model_servers,
        jobs=jobs,
        disk=disk,
        events=_OK if bus.problem is None else PartHealth(status="down", detail=bus.problem),
        decoder=decoder,
        version=_VERSION,
    )


async def readiness(sessions: Sessions, queue: JobQueue) -> Readiness:
    """Check what this backend itself needs: the database, and a worker of its own."""
    database = await _database(sessions)
    if database.status != "ok" or queue.is_working:
        return Readiness(status=database.status, detail=database.detail)
    return Readiness(status="down", detail="No worker is running.")


async def _database(sessions: Sessions) -> PartHealth:
    try:
        async with sessions.begin() as session:
            revision = await queries.revision(session)
    except SQLAlchemyError as error:
        return PartHealth(status="down", detail=type(error).__name__)
    if revision != newest_revision():
        return PartHealth(status="down", detail=f"At migration {revision}, this version needs {newest_revision()}.")
    return _OK


def _decoder() -> DecoderHealth:
    cage = decoder_cage()
    return DecoderHealth(status="exposed" if cage.exposed else "ok", warnings=list(cage.warnings()))


async def _model_server(number: int, server: ModelServer) -> ModelServerHealth:
    """Check one model server. The response is public, so it does not have the server's address."""
    with suppress(TimeoutError):  # then what the last answer told has to do
        await asyncio.wait_for(server.ask_health(), _ASK_SECONDS)
    state: State = "ok" if server.serves else "starting" if server.is_loading else "down"
    return ModelServerHealth(name=f"model server {number}", status=state, detail=server.problem)


def _together(servers: list[ModelServerHealth]) -> PartHealth:
    """The health of all model servers together: ok while one is, with details of those that are not."""
    states: list[State] = [server.status for server in servers]
    best = min(states, key=_SEVERITY.index)
    if len(servers) == 1:
        return PartHealth(status=best, detail=servers[0].detail)
    lacking = [f"{server.name}: {server.detail}" for server in servers if server.status != "ok"]
    detail = f"{len(servers) - len(lacking)} of {len(servers)} answer. {' '.join(lacking)}" if lacking else None
    return PartHealth(status=best, detail=detail)
