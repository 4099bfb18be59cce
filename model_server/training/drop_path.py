"""Drop path (stochastic depth): in training, samples skip the branches of a block at random."""

from __future__ import annotations

from model_server.models.sam2.network.hiera import HieraBlock
from model_server.models.sam2.network.sam2 import Sam2


def set_drop_path(network: Sam2, rate: float) -> None:
    """Set the rate of the last block; it grows linearly from 0 at the first. Weights do not change."""
    blocks = network.image_encoder.trunk.blocks
    for index, block in enumerate(blocks):
        assert isinstance(block, HieraBlock)
        block.drop_path = rate * index / max(len(blocks) - 1, 1)
