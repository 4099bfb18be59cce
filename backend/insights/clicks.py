"""Count clicks. Pure functions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any


def new_clicks(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> int:
    """The number of points that this prompt set adds to its frame.

    A prompt set has all points of its frame, so those that were there before do not count again. A moved point counts
    as a new one. A point that is later removed, undone or replaced still counts, in the prompt set that added it.
    Choosing another candidate for a point adds none.
    """
    return sum((Counter(map(_point, after)) - Counter(map(_point, before))).values())


def _point(click: dict[str, Any]) -> tuple[float, float, str]:
    return float(click["x"]), float(click["y"]), str(click["label"])
