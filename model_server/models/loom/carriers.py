"""Chooses the remembered frames that masks are carried from; index arithmetic only."""

from __future__ import annotations

from model_server.models.sam2.memory import MemoryRules, Selection

NUM_CONDITIONING, NUM_RECENT = 2, 1
"""Number of conditioning and of ordinary frames that masks are carried from."""


def carriers(selection: Selection, frame_index: int, rules: MemoryRules) -> list[int]:
    """The frames of a selection that masks are carried from, cell by cell.

    These are the nearest conditioning frames and the latest ordinary ones; farther objects have moved out of reach.
    """
    chosen = [frame for frame, slot in selection.maps if slot == rules.slots - 1]
    chosen.sort(key=lambda frame: (abs(frame - frame_index), frame))
    recent = [frame for frame, slot in reversed(selection.maps) if slot < NUM_RECENT]
    return chosen[:NUM_CONDITIONING] + recent
