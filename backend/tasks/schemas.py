"""Tasks in the API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.tables.states import Phase, TaskKind, TaskOutcome, TaskState

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), STORABLE]
Priority = Annotated[int, Field(ge=-100, le=100, description="Higher comes first.")]
Epoch = Annotated[int, Field(ge=0, le=2**31 - 1, description="As the claim gave it.")]


class NextTask(BaseModel):
    """What kinds of work are wanted; all of them where none is named."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[TaskKind] = Field(default=[], max_length=4)


class HeldTask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    epoch: Epoch


class HandBack(HeldTask):
    """Give the task back to the queue. Everything saved stays."""

    reason: Reason | None = None


class RejectVideo(HeldTask):
    """The video is not to be annotated, and why."""

    reason: Reason


class TaskUpdate(BaseModel):
    """Only what is given changes. An assignee takes the task from whoever holds it; null gives it to everybody."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority | None = None
    assignee_id: UUID | None = None


class TaskRead(BaseModel):
    """A piece of work. While `lease_until` has not passed, nobody but the assignee can write there."""

    id: UUID
    project_id: UUID
    video_id: UUID
    video_name: str
    masklet_id: UUID | None = Field(description="The object, where the task is about one.")
    masklet_number: int | None
    masklet_name: str | None
    kind: TaskKind
    phase: Phase
    state: TaskState = Field(description="A claimed task whose lease has expired is open again.")
    priority: int
    assignee_id: UUID | None = Field(description="Who holds it, did it, or whom it waits for.")
    assignee_name: str | None
    reserved_until: datetime | None = Field(description="Until then it waits for the assignee alone.")
    lease_until: datetime | None
    epoch: int
    outcome: TaskOutcome | None
    reason: str | None
    finished_at: datetime | None
    created_at: datetime


class ClaimedTask(BaseModel):
    """A task that is yours now."""

    task: TaskRead
    lease: str = Field(description="Send it as the Lease header with every write of this task.")
    renew_seconds: float = Field(description="Renew the lease at least this often.")


class VideoLease(BaseModel):
    """Who works on a video: your own task there, and the tasks others hold."""

    own: ClaimedTask | None
    others: list[TaskRead]
    waiting: list[TaskRead] = Field(description="Tasks of the video that you could claim.")
