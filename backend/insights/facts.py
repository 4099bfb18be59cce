"""What the figures are computed from, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from backend.insights.alignment import Agreement
from backend.insights.filter import Filter
from backend.tables.states import Phase, VerdictKind
from backend.timing.attribution import Attribution
from backend.timing.events import Derived, Span


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's input on a frame. `changed`: it changed the mask there and was not undone."""

    masklet_id: UUID
    frame_index: int
    actor_id: UUID
    at: datetime
    on_grid: bool
    changed: bool
    clicks: int  # points this input placed; what was there before does not count again
    box: bool
    stroke: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict that was not withdrawn."""

    masklet_id: UUID
    verdict: VerdictKind
    verifier_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MaskletFacts:
    """A masklet as it is. Its span is from the first to the last frame of the grid that has a mask."""

    masklet_id: UUID
    video_id: UUID
    number: int
    name: str
    phase: Phase
    created_by: UUID
    created_at: datetime
    num_frames: int  # of the annotation grid, in its span
    first_area: int | None  # pixels on the first frame where it is visible
    num_propagations: int
    verified: bool  # found satisfactory as it is now
    object_key: str  # masklets of the same object under different phases share it
    study_id: UUID | None = None  # of the study it was copied for


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything. Time is that of the person looked for; `admitted` are the masklets the filter lets through."""

    which: Filter
    masklets: Sequence[MaskletFacts]
    edits: Mapping[UUID, Sequence[Edit]]  # by masklet
    judgements: Mapping[UUID, Sequence[Judgement]]  # by masklet, oldest first
    derived: Derived
    time: Attribution
    agreements: Mapping[UUID, Agreement]  # by masklet: with its twin of phase 1
    names: Mapping[UUID, str]  # of people
    at_idle: Mapping[float, float] = field(default_factory=dict[float, float])  # annotation seconds by idle limit

    @property
    def admitted(self) -> list[MaskletFacts]:
        """Begun in the time looked at; of one study, and verified, if only those are wanted."""
        verified, study = self.which.verified, self.which.study
        return [
            found
            for found in self.masklets
            if self.within(found.created_at) and (found.verified or not verified) and study in (None, found.study_id)
        ]

    def within(self, moment: datetime) -> bool:
        since, until = self.which.since, self.which.until
        return (since is None or moment >= since) and (until is None or moment < until)

    def spans(self) -> list[Span]:
        """What was done in the time looked at."""
        return [span for span in self.derived.spans if self.within(datetime.fromtimestamp(span.start, UTC))]


def first_verdict(judgements: Sequence[Judgement]) -> VerdictKind | None:
    return judgements[0].verdict if judgements else None
