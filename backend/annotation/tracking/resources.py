"""What prompts and propagations share."""

from dataclasses import dataclass

from backend.annotation.tracking.tracking_client import TrackingClient
from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks


@dataclass(frozen=True, slots=True)
class TrackingResources:
    """The database, the tracking sessions, and the locks that serialise work on one masklet across backends."""

    sessions: Sessions
    client: TrackingClient
    locks: SharedLocks
