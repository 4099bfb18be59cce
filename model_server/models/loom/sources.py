"""Chooses the frames that objects are carried from, and carries several objects in one search.

Shapes: K objects, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from model_server.models.loom.carriers import NUM_RECENT, carriers
from model_server.models.loom.cells import Cells
from model_server.models.loom.correspondence import Correspondence, nothing_carried
from model_server.models.loom.shots import Shots
from model_server.models.sam2.memory import MemoryRules
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.segmenter import Direction

NUM_EDGES = 3
"""Number of frames next to earlier cuts that are compared in addition after a cut."""


def recognised(bank: MemoryBank, shots: Shots, frame_index: int, direction: Direction, rules: MemoryRules) -> list[int]:
    """The frames an object is carried from: those of its carriers that show the same scene as `frame_index`.

    Within a shot, all of them do. Across a cut, or once the object is out of sight, a frame counts only if it shows the
    scene again; if the previous frame does not count, the frames next to earlier cuts are tried. The list is empty when
    the object is lost in an unknown scene.
    """
    previous = frame_index - 1 if direction == "forward" else frame_index + 1
    before = bank.frames.get(previous)
    connected = before is None or shots.connected(frame_index, previous)
    gone = before is not None and before.object_score <= 0

    def counts(index: int) -> bool:
        if index == previous:
            return connected and not bank.frames[index].says_nothing
        if connected and not gone and not shots.cut_between(frame_index, index):
            return True
        return shots.shows_again(frame_index, index)

    selection = bank.select(frame_index, direction, rules)
    chosen = [index for index in carriers(selection, frame_index, rules) if counts(index)]
    if before is None or previous in chosen:
        return chosen
    known = [
        index for index in shots.edges(frame_index) if index in bank.frames and index not in (frame_index, *chosen)
    ]
    shown = [index for index in known if bank.frames[index].object_score > 0][:NUM_EDGES]
    return chosen + [index for index in shown if shots.shows_again(frame_index, index)][:NUM_RECENT]


def carry_together(
    correspondence: Correspondence,
    cells: Cells,
    frame_index: int,
    objects: Sequence[Mapping[int, Tensor]],
) -> list[Tensor]:
    """Carry K objects to a frame: for each, (1, 1, 4h, 4w) logits by source frame -> (1, 1, 4h, 4w) logits.

    Objects with the same sources share a search; an object without any is absent.
    """
    rows_of: dict[tuple[int, ...], list[int]] = {}
    for row, logits in enumerate(objects):
        rows_of.setdefault(tuple(logits), []).append(row)
    carried: dict[int, Tensor] = {}
    here = cells[frame_index]
    for indices, rows in rows_of.items():
        before = [
            (cells[index], torch.cat([objects[row][index] for row in rows], dim=1).float().sigmoid())
            for index in indices
        ]
        nothing = nothing_carried(here[:, :1]).expand(-1, len(rows), -1, -1)
        logits = correspondence.carry(here, before) if before else nothing
        carried |= dict(zip(rows, torch.split(logits, 1, dim=1), strict=True))
    return [carried[row] for row in range(len(objects))]
