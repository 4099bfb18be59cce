"""The plain values from which figures are computed."""

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
    """A person's input on a frame. `changed` means that it changed the mask there and was not undone."""

    masklet_id: UUID
    frame_index: int
    actor_id: UUID
    at: datetime
    on_grid: bool
    changed: bool
    clicks: int  # points that this input added
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
    """A masklet in its present state. Its span is from the first to the last grid frame with a mask."""

    masklet_id: UUID
    video_id: UUID
    number: int
    name: str
    phase: Phase
    created_by: UUID
    created_at: datetime
    num_frames: int  # of the annotation grid, within its span
    first_area: int | None  # pixels on the first frame where it is visible
    num_propagations: int
    verified: bool  # its present state was found satisfactory
    object_key: str  # shared by the masklets of one object in different phases
    study_id: UUID | None = None  # the study it was copied for


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything figures use. Time is that of the person asked for; `admitted` masklets pass the filter."""

    which: Filter
    masklets: Sequence[MaskletFacts]
    edits: Mapping[UUID, Sequence[Edit]]  # by masklet
    judgements: Mapping[UUID, Sequence[Judgement]]  # by masklet, oldest first
    derived: Derived
    time: Attribution
    agreements: Mapping[UUID, Agreement]  # with its phase-1 twin, by masklet
    names: Mapping[UUID, str]  # of people
    at_idle: Mapping[float, float] = field(default_factory=dict[float, float])  # annotation seconds by idle limit

    @property
    def admitted(self) -> list[MaskletFacts]:
        """Masklets begun in the time asked for and, if the filter wants it, of one study or verified."""
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
        """The spans in the time asked for."""
        return [span for span in self.derived.spans if self.within(datetime.fromtimestamp(span.start, UTC))]


def first_verdict(judgements: Sequence[Judgement]) -> VerdictKind | None:
    return judgements[0].verdict if judgements else None
