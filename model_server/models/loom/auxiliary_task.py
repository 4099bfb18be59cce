"""The training task of the correspondence: masks carried from frame to frame must arrive where their objects went.

Ours. Compared with the decoder it is cheap: the only cost of an object is its mask, so that one clip teaches all its
objects at once, and the image encoder learns to distinguish what moves apart.

Shapes: B clips, T frames, K objects, S pixels of the square frame, M channels of a cell, H = W = S / 4.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model_server.models.loom.carriers import NUM_RECENT
from model_server.models.loom.correspondence import Correspondence
from model_server.models.sam2.network.extension import AuxiliaryTask

STRIDE = 4
TAUGHT_SHARE = 0.5  # of the frames, whose true masks are carried on instead of the carried ones


def carrying_task(
    correspondence: Correspondence, cells: Tensor, masks: Tensor, generator: torch.Generator
) -> AuxiliaryTask:
    """Carry every object to every frame after the first, from earlier frames.

    `cells` (B * T, M, H, W), clip by clip; `masks` (B, T, K, S, S) bool. `generator` is on the CPU.
    """
    num_clips, num_frames = masks.shape[:2]
    truth = torch.unflatten(functional.avg_pool2d(masks.flatten(0, 1).float(), STRIDE), 0, (num_clips, num_frames))
    cells = torch.unflatten(cells, 0, (num_clips, num_frames))
    said = [truth[:, 0]]
    carried: list[Tensor] = []
    targets: list[Tensor] = []
    for index in range(1, num_frames):
        earlier = [0, *range(max(1, index - NUM_RECENT), index)]
        before = [(cells[:, other], said[other]) for other in earlier]
        logits = correspondence.carry(cells[:, index], before)
        carried.append(logits.flatten(0, 1)[:, None])
        targets.append(truth[:, index].flatten(0, 1)[:, None] >= 0.5)
        taught = float(torch.rand(1, generator=generator)) < TAUGHT_SHARE
        said.append(truth[:, index] if taught else logits.sigmoid())
    return AuxiliaryTask(carried, targets)
