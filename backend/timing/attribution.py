"""Seconds by masklet, including a share of the time in which none was selected. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from backend.tables.states import Phase
from backend.timing.events import Doing, Span


@dataclass(slots=True)
class Split:
    """Seconds of a masklet, or with none selected. `shared` is its share of the time with none selected."""

    active: float = 0.0
    waiting: float = 0.0
    reviewing: float = 0.0
    verifying: float = 0.0
    idle: float = 0.0
    shared: float = 0.0

    @property
    def own_seconds(self) -> float:
        """Annotation with it selected. Waiting blocks the annotator and playing finds errors, so both count."""
        return self.active + self.waiting + self.reviewing

    @property
    def annotation_seconds(self) -> float:
        return self.own_seconds + self.shared

    def add(self, span: Span) -> None:
        seconds = span.end - span.start
        if span.doing is Doing.idle:
            self.idle += seconds
        elif span.key.verifying:
            self.verifying += seconds
        else:
            setattr(self, span.doing.value, getattr(self, span.doing.value) + seconds)


@dataclass(slots=True)
class Attribution:
    """Seconds by masklet and with none selected; `shared_out` of the latter are also in the masklets' shares."""

    masklets: defaultdict[UUID, Split] = field(default_factory=lambda: defaultdict(Split))
    unselected: Split = field(default_factory=Split)
    shared_out: float = 0.0

    @property
    def annotation_seconds(self) -> float:
        """All annotation time. Shares are not counted twice."""
        return self.unselected.own_seconds + sum(split.own_seconds for split in self.masklets.values())

    @property
    def verifying_seconds(self) -> float:
        return self.unselected.verifying + sum(split.verifying for split in self.masklets.values())


def annotation_seconds(spans: Iterable[Span]) -> float:
    """All annotation time in these spans, whatever it was spent on."""
    return sum(span.end - span.start for span in spans if span.doing is not Doing.idle and not span.key.verifying)


def attribute(spans: Iterable[Span]) -> Attribution:
    """Attribute spans to masklets.

    A person's time in a video and phase with no masklet selected is shared among the masklets that they annotated
    there, in proportion to the time spent on each. If there are none, it stays unselected.
    """
    groups: defaultdict[tuple[UUID, UUID, Phase], defaultdict[UUID | None, Split]]
    groups = defaultdict(lambda: defaultdict(Split))
    found = Attribution()
    for span in spans:
        masklet_id = span.key.masklet_id
        groups[span.user_id, span.key.video_id, span.key.phase][masklet_id].add(span)
        (found.unselected if masklet_id is None else found.masklets[masklet_id]).add(span)
    for group in groups.values():
        shared = group.pop(None, Split()).own_seconds
        total = sum(split.own_seconds for split in group.values())
        if shared and total:
            found.shared_out += shared
            for masklet_id, split in group.items():
                assert masklet_id is not None
                found.masklets[masklet_id].shared += shared * split.own_seconds / total
    return found
