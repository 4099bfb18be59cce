"""Everything that answers prompts and drives propagations, put together for one backend process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.annotation.prompts.finisher import PromptFinisher
from backend.annotation.prompts.service import Prompting
from backend.annotation.propagation.attempt import RunDesk
from backend.annotation.propagation.driver import RunDriver
from backend.annotation.tracking.object_sync import ObjectMemory
from backend.annotation.tracking.placements import Places
from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks
from backend.events.bus import EventBus
from backend.model_client.fleet import Fleet
from backend.storage.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class AnnotationDesk:
    """What the annotation routes work with."""

    bus: EventBus
    fleet: Fleet
    memory: ObjectMemory
    prompting: Prompting
    finisher: PromptFinisher
    driver: RunDriver


@asynccontextmanager
async def annotation_desk(
    sessions: Sessions, store: ObjectStore, fleet: Fleet, locks: SharedLocks, bus: EventBus
) -> AsyncIterator[AnnotationDesk]:
    """Working for as long as the block lasts: it takes up what others left unfinished, too."""
    memory = ObjectMemory(sessions, Places(sessions, fleet), store)
    desk = RunDesk(sessions, memory, locks)
    driver = RunDriver(desk)
    prompting = Prompting(desk)
    finisher = PromptFinisher(sessions, prompting)
    async with finisher.working(), driver.working():
        yield AnnotationDesk(bus, fleet, memory, prompting, finisher, driver)


def _desk(request: Request) -> AnnotationDesk:
    desk: AnnotationDesk = request.state.annotation
    return desk


Desk = Annotated[AnnotationDesk, Depends(_desk)]
