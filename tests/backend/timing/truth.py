"""What really happened in a simulated history, in true seconds: nothing is sampled, sent or received here."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

LONGEST_WAIT_SECONDS = 300.0


@dataclass(frozen=True)
class Mark:
    """Something that happened at a true second; sleep and wake are of no session."""

    at: float
    what: str
    session: UUID | None
    masklet_id: UUID | None


@dataclass
class Spent:
    """Seconds somebody worked, waited for the model, or only looked; by masklet: the first two."""

    busy: float = 0.0
    waiting: float = 0.0
    idle: float = 0.0


@dataclass
class Truth:
    marks: list[Mark]

    def spent(self, idle_seconds: float) -> tuple[Spent, dict[UUID | None, float]]:
        """All seconds, and the busy and waiting ones by masklet."""
        spent = Spent()
        by_masklet: defaultdict[UUID | None, float] = defaultdict(float)
        focused: UUID | None = None
        awake = True
        masklet: UUID | None = None
        last_input: dict[UUID, float] = {}
        waiting: dict[UUID, float] = {}
        for mark, following in pairwise([*self.marks, Mark(self.marks[-1].at, "end", None, None)]):
            session = mark.session
            match mark.what:
                case "sleep":
                    awake = False
                case "wake":
                    awake = True
                case "blur":
                    focused = None if focused == session else focused
                case "focus" | "input" | "attend":
                    assert session is not None
                    if mark.what != "attend":
                        last_input[session] = mark.at
                    if mark.what == "focus":
                        focused = session
                    if focused == session:
                        masklet = mark.masklet_id
                case "wait_begin":
                    assert session is not None
                    waiting[session] = mark.at
                case "wait_end":
                    assert session is not None
                    waiting.pop(session, None)
                    if focused == session:
                        last_input[session] = mark.at
            if focused is None or not awake:
                continue
            total = following.at - mark.at
            until = last_input[focused] + idle_seconds
            since = waiting.get(focused)
            busy = min(max(until - mark.at, 0.0), total)
            blocked = 0.0
            if since is not None:
                left = min(max(since + LONGEST_WAIT_SECONDS - mark.at, 0.0), total)
                if last_input[focused] <= since:
                    blocked = left
                    busy = max(busy - blocked, 0.0)
                else:
                    blocked = max(left - busy, 0.0)
            spent.busy += busy
            spent.waiting += blocked
            spent.idle += total - busy - blocked
            by_masklet[masklet] += busy + blocked
        return spent, dict(by_masklet)
