"""Bodies of requests and responses about tasks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.tables.states import Phase, TaskKind, TaskOutcome, TaskState

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), STORABLE]
Priority = Annotated[int, Field(ge=-100, le=100, description="Higher comes first.")]
Epoch = Annotated[int, Field(ge=0, le=2**31 - 1, description="The epoch from the claim.")]


class NextTask(BaseModel):
    """The kinds of work you want; an empty list means any."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[TaskKind] = Field(default=[], max_length=4)


class HeldTask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    epoch: Epoch


class HandBack(HeldTask):
    """Hand the task back to the queue. Everything saved stays."""

    reason: Reason | None = None


class RejectVideo(HeldTask):
    """Reject the video, with the reason."""

    reason: Reason


class ContestVerdict(HeldTask):
    """Send the object back to a verifier as it is, because you disagree with the verdict."""

    reason: Reason


class TaskUpdate(BaseModel):
    """Omitted fields stay as they are. A new assignee ends the present lease; null opens the task to everybody."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority | None = None
    assignee_id: UUID | None = None


class TaskRead(BaseModel):
    """A piece of work. Until `lease_until`, only the assignee can write there."""

    id: UUID
    project_id: UUID
    video_id: UUID
    video_name: str
    masklet_id: UUID | None = Field(description="The object, if the task is about one.")
    masklet_number: int | None
    masklet_name: str | None
    kind: TaskKind
    phase: Phase
    state: TaskState = Field(description="A claimed task whose lease has expired is open again.")
    priority: int
    assignee_id: UUID | None = Field(description="Who holds it, did it, or is meant to do it.")
    assignee_name: str | None
    reserved_until: datetime | None = Field(description="Until then, only the assignee can claim it.")
    lease_until: datetime | None
    epoch: int
    claimable: bool = Field(description="Whether you could claim it now.")
    carried: bool = Field(
        description="Whether its object is being propagated: nobody can judge it before that is over."
    )
    frame_index: int | None = Field(description="The frame to begin on: the one that the verdict was about.")
    outcome: TaskOutcome | None
    reason: str | None
    finished_at: datetime | None
    created_at: datetime


class ClaimedTask(BaseModel):
    """A task that you now hold."""

    task: TaskRead
    lease: str = Field(description="Send it in the Lease header of every write for this task.")
    renew_seconds: float = Field(description="Renew the lease at least this often.")


class VideoLease(BaseModel):
    """Who is working on a video: your own tasks there, and those that others hold."""

    own: ClaimedTask | None = Field(description="The first of those you hold: one about an object before the video's.")
    held: list[ClaimedTask] = Field(description="All tasks that you hold here.")
    others: list[TaskRead]
    waiting: list[TaskRead] = Field(description="Tasks of the video that you could claim.")
