"""Carries objects' masks to a frame, place by place, from the frames they remember (see `network/correspondence.py`).

Shapes: K objects, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.memory_bank import MemoryRules, Selection
from model_server.models.sam2.network.correspondence import Correspondence

NUM_CONDITIONING, NUM_RECENT = 2, 1
"""From how many conditioning and ordinary frames masks are carried."""


def carriers(selection: Selection, frame_index: int, rules: MemoryRules) -> list[int]:
    """Those frames of a selection that masks are carried from, place by place.

    The nearest conditioning frames, and the ordinary ones just before: what is farther has moved out of reach.
    """
    chosen = [frame for frame, slot in selection.maps if slot == rules.slots - 1]
    chosen.sort(key=lambda frame: (abs(frame - frame_index), frame))
    recent = [frame for frame, slot in reversed(selection.maps) if slot < NUM_RECENT]
    return chosen[:NUM_CONDITIONING] + recent


def carry_together(
    correspondence: Correspondence,
    features: FrameFeatures,
    frame_index: int,
    objects: Sequence[Mapping[int, Tensor]],
) -> list[Tensor]:
    """(1, 1, 4h, 4w) logits for each object, of whom the logits on the frames to carry from are given, (1, 1, 4h, 4w).

    The objects that come from the same frames share their search.
    """
    rows_of: dict[tuple[int, ...], list[int]] = {}
    for row, logits in enumerate(objects):
        rows_of.setdefault(tuple(logits), []).append(row)
    carried: dict[int, Tensor] = {}
    for indices, rows in rows_of.items():
        before = [
            (_places(features, index), torch.cat([objects[row][index] for row in rows], dim=1).float().sigmoid())
            for index in indices
        ]
        logits = correspondence.carry(_places(features, frame_index), before)
        carried |= dict(zip(rows, logits.split(1, dim=1), strict=True))
    return [carried[row] for row in range(len(objects))]


def _places(features: FrameFeatures, index: int) -> Tensor:
    places = features[index].places
    assert places is not None, "a network with a correspondence describes places"
    return places
