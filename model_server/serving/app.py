"""Composition: settings and a model in, an ASGI application out."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from model_server.models import registry
from model_server.models.catalogue.folder import Catalogue
from model_server.segmenter import VideoSegmenter
from model_server.serving.gpu_worker import GpuWorker
from model_server.serving.models.loader import ModelLoader, PlaceModel
from model_server.serving.models.shelf import Shelf
from model_server.serving.problems import install_handlers
from model_server.serving.routes import catalogue, health, streams, tracking
from model_server.serving.routes.guard import RequestGuard
from model_server.serving.routes.server import Server
from model_server.serving.runs.streamed_run import ActiveRuns
from model_server.serving.sessions.register import SessionRegister
from model_server.serving.settings import Settings


def create_app(settings: Settings | None = None, build: Callable[[], VideoSegmenter] | None = None) -> FastAPI:
    """The model server. `build` makes the default model, on the device thread; without it, the settings name one."""
    settings = settings or Settings()
    shelf = Shelf(Catalogue(settings.data_dir / "models"), settings.model)

    def read(name: str | None) -> PlaceModel:
        if name is None and build is not None:
            return build
        return registry.read(
            settings.model if name is None else name,
            settings.device,
            precision=settings.model_precision,
            compiles=settings.model_compile,
            catalogue=shelf.catalogue,
        )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        worker = GpuWorker()
        sessions = SessionRegister(settings, worker, promoted=lambda: shelf.promoted)
        loader = ModelLoader(read, shelf, worker, max_bytes=settings.model_weights_bytes, in_use=sessions.models_in_use)
        app.state.server = Server(shelf=shelf, loader=loader, worker=worker, sessions=sessions, runs=ActiveRuns())
        loader.start()
        sweeping = asyncio.create_task(sessions.sweep_forever())
        try:
            yield
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
            await asyncio.to_thread(worker.stop)

    app = FastAPI(title="Maskloom model server", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    install_handlers(app)
    app.add_middleware(RequestGuard, max_bytes=settings.model_max_request_bytes)
    for routes in (health, tracking, streams, catalogue):
        app.include_router(routes.router)
    return app
