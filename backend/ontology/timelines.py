"""Values over time: each holds from its frame until the next one, and before the first nothing is said."""

from collections.abc import Mapping
from typing import TypeAlias

Value: TypeAlias = str | float | bool | None
"""A choice's id, a text, a number, or yes and no; None where nothing is said any more."""

Timeline = Mapping[str, Value]
"""By frame index, written as text as JSON has it. What does not change holds from frame 0."""

Values = Mapping[str, Timeline]
"""By attribute id. Equal values are stored equally: no frame repeats what holds there anyway."""


def settled(timeline: Timeline) -> dict[str, Value]:
    """In order, without frames that change nothing."""
    found: dict[str, Value] = {}
    held: Value = None
    for frame, value in sorted(timeline.items(), key=lambda each: int(each[0])):
        if not _same(value, held):
            found[frame] = held = value
    return found


def value_at(timeline: Timeline, frame_index: int) -> Value:
    before = [frame for frame in timeline if int(frame) <= frame_index]
    return timeline[max(before, key=int)] if before else None


def _same(one: Value, other: Value) -> bool:
    """Yes is not 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)
