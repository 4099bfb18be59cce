"""Bodies of responses about background work."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel

from backend.tables import Job
from backend.tables.states import JobState


class JobRead(BaseModel):
    """The progress of background work: `done` of `total` units."""

    id: UUID
    kind: str
    state: JobState
    done: int
    total: int
    unit: str
    eta_seconds: float | None
    message: str | None

    @classmethod
    def of(cls, job: Job) -> "JobRead":
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            done=job.done,
            total=job.total,
            unit=job.unit,
            eta_seconds=_eta_seconds(job),
            message=job.message,
        )


def _eta_seconds(job: Job) -> float | None:
    """The remaining seconds at the pace so far; None before anything is done."""
    if job.state is not JobState.running or job.started_at is None or job.done == 0 or job.total == 0:
        return None
    elapsed = (datetime.now(UTC) - job.started_at).total_seconds()
    return round(elapsed / job.done * max(job.total - job.done, 0), 1)
