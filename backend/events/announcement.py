"""Ring the bells of the videos that a transaction changed, after its commit."""

from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.orm import sessionmaker

from backend.db.engine import Sessions
from backend.events.bus import EventBus

_CHANGED = "changed_videos"


def announce(session: AsyncSession, video_id: UUID) -> None:
    """Ring the video's bells after this transaction's commit. After a rollback nothing happens."""
    session.info.setdefault(_CHANGED, set()).add(video_id)


def ring_after_commits(sessions: Sessions, bus: EventBus) -> None:
    """Connect all database sessions that this factory makes from now on to the bus."""
    factory: sessionmaker[Any] = sessionmaker()

    def ring(session: SyncSession) -> None:
        for video_id in session.info.pop(_CHANGED, ()):
            bus.ring(video_id)

    def forget(session: SyncSession) -> None:
        session.info.pop(_CHANGED, None)

    event.listen(factory, "after_commit", ring)
    event.listen(factory, "after_rollback", forget)
    sessions.configure(sync_session_class=factory)
