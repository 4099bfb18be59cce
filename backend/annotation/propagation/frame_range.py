"""The frames that a run visits."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from uuid import UUID

from backend.tables import Run
from backend.tables.states import Direction
from model_server.contract.barriers import reach


@dataclass(frozen=True, slots=True)
class RunRange:
    """Frames `first` to `last`, inclusive. A run goes from `start` forward, backward, or forward and then backward."""

    first: int
    last: int
    start: int
    direction: Direction

    def open_frames(self, locked: Set[int]) -> set[int]:
        """The frames visited for a masklet with these locked frames: it stops at the nearest one in each direction."""
        within = reach(self.start, self.first, self.last, locked)
        return set(self.frames()).intersection(within) - locked

    def frames(self) -> range:
        """The frames visited for a masklet without locked frames, each once."""
        match self.direction:
            case Direction.forward:
                return range(self.start, self.last + 1)
            case Direction.backward:
                return range(self.first, self.start + 1)
            case Direction.both:
                return range(self.first, self.last + 1)


def range_of(run: Run) -> RunRange:
    """The range that the run was created with."""
    return RunRange(run.first_frame, run.last_frame, run.start_frame, run.direction)


def visited(run: Run, locked: Mapping[UUID, Set[int]]) -> frozenset[tuple[UUID, int]]:
    """The (masklet, frame) pairs that a run still visits, given the locked frames of each of its masklets."""
    span = range_of(run)
    return frozenset(
        (masklet_id, frame) for masklet_id in run.carried_ids for frame in span.open_frames(locked[masklet_id])
    )
