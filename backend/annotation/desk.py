"""Everything that answers prompts and drives propagations, put together for one backend process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.annotation import queries
from backend.annotation.finishing import PromptFinisher
from backend.annotation.locks import ObjectLocks
from backend.annotation.memory import ObjectMemory
from backend.annotation.prompting import Prompting
from backend.annotation.run_driver import RunDriver
from backend.annotation.run_stream import RunDesk
from backend.db.engine import Sessions
from backend.events.bus import EventBus
from backend.model_client.client import ModelClient
from backend.storage.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class AnnotationDesk:
    """What the annotation routes work with."""

    bus: EventBus
    client: ModelClient
    memory: ObjectMemory
    prompting: Prompting
    finisher: PromptFinisher
    driver: RunDriver


@asynccontextmanager
async def annotation_desk(
    sessions: Sessions, store: ObjectStore, client: ModelClient, bus: EventBus
) -> AsyncIterator[AnnotationDesk]:
    """Working for as long as the block lasts: first it takes up what an earlier process left unfinished."""
    async with sessions.begin() as session:
        epoch = await queries.next_epoch(session)
    memory = ObjectMemory(sessions, client, store, epoch=epoch)
    desk = RunDesk(sessions, client, memory, ObjectLocks())
    driver = RunDriver(desk)
    prompting = Prompting(desk, driver)
    finisher = PromptFinisher(sessions, prompting)
    async with finisher.working(), driver.working():
        yield AnnotationDesk(bus, client, memory, prompting, finisher, driver)


def _desk(request: Request) -> AnnotationDesk:
    desk: AnnotationDesk = request.state.annotation
    return desk


Desk = Annotated[AnnotationDesk, Depends(_desk)]
