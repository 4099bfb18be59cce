"""Which part of a project's work is looked at."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.timing.events import IDLE_SECONDS


@dataclass(frozen=True, slots=True)
class Filter:
    """Masklets begun in a time or copied for a study, time of one person, or only what was found satisfactory."""

    project_id: UUID
    person: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    verified: bool = False
    study: UUID | None = None
    idle_seconds: float = IDLE_SECONDS
