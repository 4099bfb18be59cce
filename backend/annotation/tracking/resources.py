"""What prompts and propagations both work with."""

from dataclasses import dataclass

from backend.annotation.tracking.tracking_client import TrackingClient
from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks


@dataclass(frozen=True, slots=True)
class TrackingResources:
    """The database, the tracking sessions, and the locks that order work on one masklet between backends."""

    sessions: Sessions
    client: TrackingClient
    locks: SharedLocks
