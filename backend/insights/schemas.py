"""Bodies of requests and responses about insights. Shares are between 0 and 1."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from backend.tables.states import Phase
from backend.timing.events import IDLE_SECONDS


class InsightsQuery(BaseModel):
    """The part of a project's work that the figures are about."""

    person: UUID | None = Field(None, description="Only this person's time.")
    since: AwareDatetime | None = Field(None, description="Masklets begun, and work done, from this moment.")
    until: AwareDatetime | None = Field(None, description="Masklets begun, and work done, before this moment.")
    verified: bool = Field(False, description="In the phase table, only satisfactory masklets.")
    study: UUID | None = Field(None, description="In the phase table, only masklets of this study.")
    idle_seconds: float = Field(IDLE_SECONDS, ge=1, le=600)


class EstimateRead(BaseModel):
    """A value with its 95 % bootstrap interval over masklets."""

    value: float | None
    low: float | None = Field(description="Null for fewer than two masklets.")
    high: float | None
    count: int = Field(description="The number of masklets behind it.")


class PaperPhase(BaseModel):
    """The published figures of a phase (SAM 2, table 1)."""

    seconds_per_frame: float
    edited_frames: float
    clicks_per_clicked_frame: float
    alignment: float | None
    alignment_small: float | None
    alignment_medium: float | None
    alignment_large: float | None


class PhaseRow(BaseModel):
    """One phase of the data engine, over masklets with frames and annotation time."""

    phase: Phase
    num_masklets: int
    num_videos: int
    num_people: int
    seconds_per_frame: EstimateRead = Field(description="Annotation seconds / grid frames, mean over masklets.")
    pooled_seconds_per_frame: EstimateRead = Field(description="All seconds / all frames.")
    edited_frames: EstimateRead = Field(description="Share of frames whose mask a person changed, mean over masklets.")
    clicks_per_clicked_frame: EstimateRead = Field(description="All points placed / all frames with points.")
    propagations_per_masklet: EstimateRead
    alignment: EstimateRead = Field(description="Share of frames with IoU above 0.75 to the object's phase-1 twin.")
    alignment_small: EstimateRead = Field(description="Objects under 32 x 32 pixels in their first frame.")
    alignment_medium: EstimateRead
    alignment_large: EstimateRead = Field(description="Objects of 96 x 96 pixels and more.")
    presence_agreement: EstimateRead = Field(description="Share of frames where both are visible or both absent.")
    first_pass: EstimateRead = Field(description="Share of judged masklets whose first verdict was satisfactory.")
    rework_rounds: EstimateRead = Field(description="Times that a judged masklet was sent back.")
    active_seconds: float
    waiting_seconds: float
    reviewing_seconds: float
    shared_seconds: float
    verifying_seconds: float
    paper: PaperPhase


class WaitingRow(BaseModel):
    """Time lost to waiting for the model in one phase: a reply was outstanding, and nothing else was done."""

    phase: Phase
    waiting_seconds: float
    annotation_seconds: float
    share: float | None = Field(description="Share of annotation time.")
    num_waits: int
    median_seconds: float | None
    p95_seconds: float | None
    longest_seconds: float | None


class PersonWeekRow(BaseModel):
    """One person's work in one week, which begins on Monday (UTC)."""

    user_id: UUID
    name: str
    week: date
    annotation_seconds: float
    waiting_seconds: float
    verifying_seconds: float
    focused_seconds: float
    masklets_worked_on: int
    edited_frames: int = Field(description="Frames whose mask this person changed.")
    frames_per_hour: float | None = Field(description="Edited frames per hour of annotation.")
    accepted: int = Field(description="Masklets of this person that were found satisfactory this week.")
    sent_back: int = Field(description="Verdicts of this week that sent their masklets back or rejected them.")
    rework_seconds: float = Field(description="Annotation time on masklets after they were sent back.")
    verdicts_given: int


class IdleTotalRead(BaseModel):
    idle_seconds: float
    annotation_seconds: float


class PersonRef(BaseModel):
    user_id: UUID
    name: str


class StudyRef(BaseModel):
    study_id: UUID
    name: str


class Coverage(BaseModel):
    """How complete the log is: the time that videos were open and in focus, and the gaps."""

    open_seconds: float
    focused_seconds: float
    annotation_seconds: float
    verifying_seconds: float
    unselected_seconds: float = Field(description="Annotation time with no masklet selected, and none to share it.")
    abandoned_seconds: float = Field(description="Annotation time of masklets that were deleted or have no mask.")
    num_gaps: int
    gap_seconds: float
    at_idle: list[IdleTotalRead]


class InsightsRead(BaseModel):
    """Everything on the insights page, computed from the present log."""

    computed_at: datetime
    idle_seconds: float
    me: UUID
    sees_everyone: bool = Field(description="False if all figures are of your own time.")
    people: list[PersonRef]
    studies: list[StudyRef] = Field(description="Choices for `study`; empty unless you see everyone.")
    coverage: Coverage
    phase_table: list[PhaseRow]
    waiting_time: list[WaitingRow]
    people_weeks: list[PersonWeekRow]
