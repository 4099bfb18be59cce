"""Which frames a propagation visits."""

from dataclasses import dataclass

from backend.tables.states import Direction


@dataclass(frozen=True, slots=True)
class RunRange:
    """Frames [first, last], begun at `start`: onward from it, back from it, or the one and then the other."""

    first: int
    last: int
    start: int
    direction: Direction

    def frames(self) -> range:
        """The frames visited, each once."""
        match self.direction:
            case Direction.forward:
                return range(self.start, self.last + 1)
            case Direction.backward:
                return range(self.first, self.start + 1)
            case Direction.both:
                return range(self.first, self.last + 1)
