"""What the insights page shows. Shares are between 0 and 1."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from backend.tables.states import Phase
from backend.timing.events import IDLE_SECONDS


class InsightsQuery(BaseModel):
    """Which part of a project's work is looked at."""

    person: UUID | None = Field(None, description="Only this person's time.")
    since: AwareDatetime | None = Field(None, description="Masklets begun, and work done, from here on.")
    until: AwareDatetime | None = Field(None, description="Masklets begun, and work done, before this.")
    verified: bool = Field(False, description="In the phase table, only masklets found satisfactory.")
    study: UUID | None = Field(None, description="In the phase table, only what was copied for this study.")
    idle_seconds: float = Field(IDLE_SECONDS, ge=1, le=600)


class EstimateRead(BaseModel):
    """A figure with its 95 % bootstrap interval over masklets."""

    value: float | None
    low: float | None = Field(description="None from fewer than two masklets.")
    high: float | None
    count: int = Field(description="Masklets it was computed from.")


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
    """One phase of the data engine. Only masklets with frames and annotation time are in it."""

    phase: Phase
    num_masklets: int
    num_videos: int
    num_people: int
    seconds_per_frame: EstimateRead = Field(description="Annotation seconds over grid frames, mean over masklets.")
    pooled_seconds_per_frame: EstimateRead = Field(description="All seconds over all frames.")
    edited_frames: EstimateRead = Field(description="Share of frames whose mask a person changed, mean over masklets.")
    clicks_per_clicked_frame: EstimateRead = Field(description="All points placed, over all frames that got one.")
    propagations_per_masklet: EstimateRead
    alignment: EstimateRead = Field(description="Share of frames with IoU above 0.75 to the object's phase-1 twin.")
    alignment_small: EstimateRead = Field(description="Of objects under 32 x 32 pixels in their first frame.")
    alignment_medium: EstimateRead
    alignment_large: EstimateRead = Field(description="From 96 x 96 pixels.")
    presence_agreement: EstimateRead = Field(description="Share of frames where both are visible or both absent.")
    first_pass: EstimateRead = Field(description="Share of judged masklets whose first verdict was satisfactory.")
    rework_rounds: EstimateRead = Field(description="Times a judged masklet was sent back.")
    active_seconds: float
    waiting_seconds: float
    reviewing_seconds: float
    shared_seconds: float
    verifying_seconds: float
    paper: PaperPhase


class WaitingRow(BaseModel):
    """Time lost waiting for the model in one phase: a reply was outstanding, and nothing else was done."""

    phase: Phase
    waiting_seconds: float
    annotation_seconds: float
    share: float | None = Field(description="Of annotation time.")
    num_waits: int
    median_seconds: float | None
    p95_seconds: float | None
    longest_seconds: float | None


class PersonWeekRow(BaseModel):
    """What one person did in one week (from Monday, UTC)."""

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
    accepted: int = Field(description="Masklets this person created that were found satisfactory in this week.")
    sent_back: int = Field(description="Verdicts of this week that sent one of them back or rejected it.")
    rework_seconds: float = Field(description="Annotating masklets after they were sent back.")
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
    """How much of the log can be believed: what was open, in focus, and for what time nobody vouches."""

    open_seconds: float
    focused_seconds: float
    annotation_seconds: float
    verifying_seconds: float
    unselected_seconds: float = Field(description="Annotation time with no masklet selected and none to share it.")
    abandoned_seconds: float = Field(description="Annotation time of masklets that were deleted or have no mask.")
    num_gaps: int
    gap_seconds: float
    at_idle: list[IdleTotalRead]


class InsightsRead(BaseModel):
    """Everything the page shows, computed from the log now."""

    computed_at: datetime
    idle_seconds: float
    me: UUID
    sees_everyone: bool = Field(description="False: rows of people are only your own.")
    people: list[PersonRef]
    studies: list[StudyRef] = Field(description="That the phase table can be made of; only for who sees everyone.")
    coverage: Coverage
    phase_table: list[PhaseRow]
    waiting_time: list[WaitingRow]
    people_weeks: list[PersonWeekRow]
