"""What counts as a click. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any


def new_clicks(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> int:
    """Points that this prompt set placed on its frame.

    A prompt set holds all points of its frame, so those that were there before do not count again. One that was moved
    is a new one. One that was taken back, or undone, or replaced later was placed nevertheless, and counts where it
    was placed; choosing another candidate for a point places none.
    """
    return sum((Counter(map(_point, after)) - Counter(map(_point, before))).values())


def _point(click: dict[str, Any]) -> tuple[float, float, str]:
    return float(click["x"]), float(click["y"]), str(click["label"])
