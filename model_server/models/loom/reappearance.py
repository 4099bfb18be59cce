"""Looks over a whole frame for an object that nothing was carried of: it may have come back elsewhere, or leapt.

Ours: SAM 2 attends to all of a remembered frame, where carrying attends to what is in reach.

Shapes: M channels, H x W the stride-4 grid of cells, N = H * W.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model_server.masks.components import label
from model_server.models.loom.correspondence import nothing_carried

SURE = 0.04
"""By how much the cosine to a cell of the object exceeds that to any other, in cells that an object is found by."""
LEAST, MOST = 0.3, 3.0
"""Cells that it is found by, and cells that it has then, relative to those that were prompted."""
FEWEST_CELLS = 3
LIKELY = 6
"""So many times the cells that were prompted are compared with all others: those most like them."""
FEWEST_LIKELY = 300
WITHOUT = 0.1
"""Cells of the prompted frame that the object covers by less are others."""


@torch.no_grad()
def reappeared(cells: Tensor, there: Tensor, mask: Tensor, sharpness: Tensor) -> Tensor | None:
    """Logits (1, 1, H, W) of an object that is found somewhere in a frame; None if it is not.

    `cells` (1, M, H, W) are those of the frame, `there` those of a prompted frame, `mask` (1, 1, H, W) the object's
    share of each cell there. A cell that is more like one of the object's than like any other belongs to it, as if
    it attended to these two; the best connected piece of them is taken.
    """
    shares = mask.flatten()
    here, before = cells[0].flatten(1).T, there[0].flatten(1).T
    own, others = before[shares > 0.5], before[shares < WITHOUT]
    if len(own) < FEWEST_CELLS or not len(others):
        return None
    alike: Tensor = (here @ own.T).amax(dim=1)
    likely = alike.topk(min(len(alike), max(FEWEST_LIKELY, LIKELY * len(own)))).indices
    lead = torch.full_like(alike, -1.0)
    lead[likely] = alike[likely] - (here[likely] @ others.T).amax(dim=1)
    lead = torch.unflatten(lead, 0, (cells.shape[2], cells.shape[3]))
    piece = _best_piece(lead, len(own))
    if piece is None:
        return None
    return torch.where(piece, lead * sharpness, nothing_carried(cells[0, 0]))[None, None]


def _best_piece(lead: Tensor, num_own: int) -> Tensor | None:
    """(H, W) bool: the connected cells with the greatest lead in all, if they are as many as could be expected."""
    labels, areas = label((lead > 0).cpu().numpy())
    if len(areas) == 1:
        return None
    pieces = torch.as_tensor(labels, device=lead.device).long()
    sure = torch.zeros(len(areas), device=lead.device)
    sure = sure.index_add(0, pieces.flatten(), (lead - SURE).clamp(min=0).flatten())
    best = int(sure[1:].argmax()) + 1
    piece = pieces == best
    found_by = int((piece & (lead > SURE)).sum())
    enough = found_by >= max(FEWEST_CELLS, LEAST * num_own)
    return piece if enough and int(areas[best]) <= MOST * num_own else None
