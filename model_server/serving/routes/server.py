"""What the routes work with, and the dependency that hands it to them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from model_server.serving.gpu_worker import GpuWorker
from model_server.serving.models.loader import ModelLoader
from model_server.serving.models.shelf import Shelf
from model_server.serving.runs.streamed_run import ActiveRuns
from model_server.serving.sessions.register import SessionRegister


@dataclass(frozen=True, slots=True)
class Server:
    """The parts of one model server process, made by `create_app`."""

    shelf: Shelf
    loader: ModelLoader
    worker: GpuWorker
    sessions: SessionRegister
    runs: ActiveRuns


def _server(request: Request) -> Server:
    return request.app.state.server


Serving = Annotated[Server, Depends(_server)]
