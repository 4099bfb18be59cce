"""The composition root: the parts of the application, and the order in which they start and stop."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from backend import problems
from backend.annotation.compaction.service import compact
from backend.annotation.engine import AnnotationEngine, annotation_engine
from backend.annotation.routes.change_router import router as follow_router
from backend.annotation.routes.edit_router import router as annotation_router
from backend.annotation.routes.propagation_router import router as run_router
from backend.auth.crowd import Crowd
from backend.auth.tenure import Standings
from backend.autolabel.job import autolabel_kind
from backend.autolabel.queries import AUTOLABEL_JOB
from backend.autolabel.router import router as autolabel_router
from backend.datasets.job import EXPORT_KIND
from backend.datasets.queries import EXPORT_JOB
from backend.datasets.queries import stored_files as stored_exports
from backend.datasets.router import router as datasets_router
from backend.datasets.service import expire_exports
from backend.db.engine import Sessions, make_autocommit_engine, make_engine, make_sessions
from backend.db.shared_locks import SharedLocks
from backend.events.announcement import ring_after_commits
from backend.events.connection import event_bus
from backend.events.shutdown import closed_on_exit_signal
from backend.health.router import router as health_router
from backend.health.vitals import Vitals
from backend.imports.job import IMPORT_KIND
from backend.imports.queries import IMPORT_JOB
from backend.imports.queries import stored_files as stored_imports
from backend.imports.router import router as imports_router
from backend.imports.service import expire_imports
from backend.insights.router import router as insights_router
from backend.jobs.context import JobKind, Workplace
from backend.jobs.queue import JobQueue
from backend.jobs.upkeep import Chore, upkeep
from backend.masklets.router import router as masklets_router
from backend.model_client.fleet import model_fleet
from backend.models.router import router as models_router
from backend.observability import RequestLog, configure_logging
from backend.ontology.router import router as ontology_router
from backend.openapi import describe, description_router
from backend.people.account_router import router as account_router
from backend.people.member_router import router as member_router
from backend.people.sign_in.provider_router import router as provider_router
from backend.people.sign_in.router import router as sign_in_router
from backend.people.token_router import router as token_router
from backend.people.user_router import router as user_router
from backend.phases.router import router as phases_router
from backend.projects.router import router as projects_router
from backend.review.router import router as review_router
from backend.settings import Settings
from backend.storage.leftovers import Shelf, clear
from backend.storage.objects import ObjectStore
from backend.storage.staging_area import sweep
from backend.studies.router import router as studies_router
from backend.tasks.router import router as tasks_router
from backend.timing.clock import Clock
from backend.timing.router import router as timing_router
from backend.tuning.job import TUNING_KIND
from backend.tuning.queries import TUNING_JOB
from backend.tuning.queries import stored_files as stored_tunings
from backend.tuning.router import router as tuning_router
from backend.videos.decoder_cage import log_missing_walls
from backend.videos.ingest import INGEST_KIND
from backend.videos.queries import INGEST_JOB
from backend.videos.queries import stored_files as stored_videos
from backend.videos.router import router as videos_router
from backend.web.front_end import front_end_router
from backend.web.guard import Guard
from backend.webhooks.courier import Courier
from backend.webhooks.router import router as webhooks_router
from backend.webhooks.service import delete_old_deliveries

_JOBS_AT_ONCE = 3  # on one machine, whatever the number of its backends


def job_kinds(engine: AnnotationEngine) -> dict[str, JobKind]:
    """The work behind each `kind` of a job's row. A new kind of job adds a line here."""
    return {
        INGEST_JOB: INGEST_KIND,
        EXPORT_JOB: EXPORT_KIND,
        IMPORT_JOB: IMPORT_KIND,
        TUNING_JOB: TUNING_KIND,
        AUTOLABEL_JOB: autolabel_kind(engine),
    }


def chores(settings: Settings, sessions: Sessions) -> list[Chore]:
    """What is done again and again. A new one adds a line here."""
    shelves = (
        Shelf(settings.objects_dir, "v/*", stored_videos),
        Shelf(settings.objects_dir, "e/*/*", stored_exports),
        Shelf(settings.objects_dir, "i/*/*", stored_imports),
        Shelf(settings.tunings_dir, "*", stored_tunings),
    )
    grace = settings.leftover_seconds
    return [
        lambda: asyncio.to_thread(sweep, settings.staging_dir),
        partial(expire_exports, sessions, days=settings.export_days),
        partial(expire_imports, sessions, days=settings.export_days),
        partial(delete_old_deliveries, sessions),
        *(partial(clear, shelf, sessions, grace_seconds=grace) for shelf in shelves),
        partial(compact, sessions, undo_days=settings.undo_days),
    ]


ROUTERS = (
    health_router,
    sign_in_router,
    provider_router,
    account_router,
    token_router,
    member_router,
    user_router,
    projects_router,
    ontology_router,
    videos_router,
    masklets_router,
    phases_router,
    annotation_router,
    run_router,
    autolabel_router,
    follow_router,
    review_router,
    tasks_router,
    studies_router,
    timing_router,
    insights_router,
    datasets_router,
    imports_router,
    models_router,
    tuning_router,
    webhooks_router,
)


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> FastAPI:
    """Make the backend. Nothing is opened before it starts, so that the API can be described without a database.

    `clock` stamps received activity events instead of the database's clock.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Maskloom",
        version=version("maskloom"),
        lifespan=_lifespan(settings, clock),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # `description_router` serves it to people who are signed in
        generate_unique_id_function=lambda route: route.name,
    )
    app.add_middleware(RequestLog)
    # Added last, so that it sees requests first.
    app.add_middleware(Guard, max_upload_bytes=settings.max_upload_bytes, public_origin=settings.public_origin)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(description_router())
    app.include_router(front_end_router(settings.frontend_dir))
    describe(app)
    return app


def _lifespan(
    settings: Settings, clock: Clock | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Any]]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        configure_logging(settings.log_format)
        async with AsyncExitStack() as stack:
            engines = make_engine(settings.database_url), make_autocommit_engine(settings.database_url)
            for engine in engines:
                stack.push_async_callback(engine.dispose)
            sessions, reading = (make_sessions(engine) for engine in engines)
            locks = SharedLocks(sessions)
            stack.push_async_callback(locks.close)
            store = ObjectStore(settings.objects_dir)
            await asyncio.to_thread(log_missing_walls)
            fleet = await stack.enter_async_context(model_fleet(settings.model_url))
            shared = settings.database_url if settings.backends > 1 else ""
            bus = await stack.enter_async_context(event_bus(settings.redis_url, shared_database=shared))
            ring_after_commits(sessions, bus)
            annotation = await stack.enter_async_context(annotation_engine(sessions, reading, store, fleet, locks, bus))
            queue = JobQueue(
                settings.database_url,
                kinds=job_kinds(annotation),
                concurrency=max(1, _JOBS_AT_ONCE // max(1, settings.backends)),
            )
            idle = timedelta(hours=settings.sign_in_idle_hours)
            standings = await stack.enter_async_context(Standings(reading, idle=idle).looked_after())
            workplace = Workplace(settings, sessions, store, locks, queue.discard)
            await stack.enter_async_context(queue.working(workplace))
            await stack.enter_async_context(Courier(sessions, settings).delivering())
            vitals = await stack.enter_async_context(Vitals(sessions, settings.data_dir.resolve()).watched())
            kept = upkeep(chores(settings, sessions), locks, every_seconds=settings.upkeep_seconds)
            await stack.enter_async_context(kept)
            stack.enter_context(closed_on_exit_signal(bus))
            yield {
                "settings": settings,
                "sessions": sessions,
                "reading": reading,
                "crowd": Crowd(),
                "standings": standings,
                "store": store,
                "queue": queue,
                "model_client": fleet,
                "bus": bus,
                "vitals": vitals,
                "annotation": annotation,
                "on_model_change": annotation.finisher.want,
                "clock": clock,
            }

    return lifespan
