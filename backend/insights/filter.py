"""The filter of the insights page: which part of a project's work figures are about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.timing.events import IDLE_SECONDS


@dataclass(frozen=True, slots=True)
class Filter:
    """Masklets begun in a period, copied for a study or found satisfactory, and the time of one person."""

    project_id: UUID
    person: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    verified: bool = False
    study: UUID | None = None
    idle_seconds: float = IDLE_SECONDS
