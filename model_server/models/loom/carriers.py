"""Which of the remembered frames masks are carried from, by index alone."""

from __future__ import annotations

from model_server.models.sam2.memory import MemoryRules, Selection

NUM_CONDITIONING, NUM_RECENT = 2, 1
"""From how many conditioning and ordinary frames masks are carried."""


def carriers(selection: Selection, frame_index: int, rules: MemoryRules) -> list[int]:
    """Those frames of a selection that masks are carried from, cell by cell.

    The nearest conditioning frames, and the ordinary ones just before: what is farther has moved out of reach.
    """
    chosen = [frame for frame, slot in selection.maps if slot == rules.slots - 1]
    chosen.sort(key=lambda frame: (abs(frame - frame_index), frame))
    recent = [frame for frame, slot in reversed(selection.maps) if slot < NUM_RECENT]
    return chosen[:NUM_CONDITIONING] + recent
