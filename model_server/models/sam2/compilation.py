"""Compiles the image encoder with `torch.compile`: one graph, since its input has one shape.

The shapes of the other parts vary with the number of objects, prompts and memories; those stay eager.
"""

from __future__ import annotations

import logging

import torch

from model_server.models.sam2.network.sam2 import Sam2

log = logging.getLogger(__name__)


def compile_encoder(network: Sam2, autocast: torch.dtype | None) -> bool:
    """Compile the encoder in place and run it once, which takes about a minute. Returns whether that succeeded.

    On failure (no compiler, an unsupported device) the encoder stays eager.
    """
    device = next(network.parameters()).device
    size = network.config.image_size
    image = torch.zeros(1, 3, size, size, device=device).contiguous(memory_format=torch.channels_last)
    compiled = torch.compile(network.image_encoder, fullgraph=True, dynamic=False)  # pyright: ignore[reportUnknownMemberType]
    try:
        with torch.inference_mode(), torch.autocast(device.type, autocast, enabled=autocast is not None):
            compiled(image)
    except Exception as error:  # every backend of the compiler raises its own kinds
        log.warning("the image encoder is not compiled: %s", f"{error}".strip().partition("\n")[0])
        return False
    network.image_encoder = compiled  # pyright: ignore[reportAttributeAccessIssue] - a module all the same
    return True
