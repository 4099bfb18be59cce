"""Drop path: while training, a sample skips a block's branches now and then, later blocks more often."""

from __future__ import annotations

from model_server.models.sam2.network.hiera import HieraBlock
from model_server.models.sam2.network.sam2 import Sam2


def set_drop_path(network: Sam2, rate: float) -> None:
    """`rate` is the last block's chance; it grows linearly from 0 at the first. Weights and file format stay."""
    blocks = network.image_encoder.trunk.blocks
    for index, block in enumerate(blocks):
        assert isinstance(block, HieraBlock)
        block.drop_path = rate * index / max(len(blocks) - 1, 1)
