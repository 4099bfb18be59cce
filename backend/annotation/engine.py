"""What answers prompts and drives runs, composed once per backend process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.annotation.feeds.registry import Feeds
from backend.annotation.prompts.finisher import PromptFinisher
from backend.annotation.prompts.service import PromptService
from backend.annotation.propagation.driver import RunDriver
from backend.annotation.tracking.object_sync import ObjectSync
from backend.annotation.tracking.placements import Placements
from backend.annotation.tracking.resources import TrackingResources
from backend.annotation.tracking.tracking_client import TrackingClient
from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks
from backend.events.bus import EventBus
from backend.model_client.fleet import Fleet
from backend.storage.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class AnnotationEngine:
    """The services behind the annotation routes."""

    bus: EventBus
    fleet: Fleet
    tracking: TrackingClient
    prompts: PromptService
    finisher: PromptFinisher
    driver: RunDriver
    feeds: Feeds


@asynccontextmanager
async def annotation_engine(
    sessions: Sessions, reading: Sessions, store: ObjectStore, fleet: Fleet, locks: SharedLocks, bus: EventBus
) -> AsyncGenerator[AnnotationEngine]:
    """Run an engine while the block lasts. It also finishes what other backends left unfinished."""
    tracking = TrackingClient(Placements(sessions, fleet), ObjectSync(sessions, store))
    resources = TrackingResources(sessions, tracking, locks)
    driver = RunDriver(resources, reading)
    prompts = PromptService(resources)
    finisher = PromptFinisher(reading, prompts)
    async with finisher.working(), driver.working():
        feeds = Feeds(reading, bus, driver.frames_per_second)
        yield AnnotationEngine(bus, fleet, tracking, prompts, finisher, driver, feeds)


async def _engine(request: Request) -> AnnotationEngine:
    engine: AnnotationEngine = request.state.annotation
    return engine


Engine = Annotated[AnnotationEngine, Depends(_engine)]
