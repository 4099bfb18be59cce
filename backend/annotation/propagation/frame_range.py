"""Which frames a propagation visits."""

from collections.abc import Set
from dataclasses import dataclass

from backend.tables import Run
from backend.tables.states import Direction
from model_server.contract.barriers import reach


@dataclass(frozen=True, slots=True)
class RunRange:
    """Frames [first, last], begun at `start`: onward from it, back from it, or the one and then the other."""

    first: int
    last: int
    start: int
    direction: Direction

    def open_frames(self, locked: Set[int]) -> set[int]:
        """The frames visited of a masklet with these locked ones: it stops at the nearest in each direction."""
        within = reach(self.start, self.first, self.last, locked)
        return set(self.frames()).intersection(within) - locked

    def frames(self) -> range:
        """The frames visited of a masklet without barriers, each once."""
        match self.direction:
            case Direction.forward:
                return range(self.start, self.last + 1)
            case Direction.backward:
                return range(self.first, self.start + 1)
            case Direction.both:
                return range(self.first, self.last + 1)


def range_of(run: Run) -> RunRange:
    """As it was asked for."""
    return RunRange(run.first_frame, run.last_frame, run.start_frame, run.direction)
