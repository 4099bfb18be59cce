"""The image encoder through `torch.compile`: one graph at the one shape it ever sees.

The other parts see as many shapes as there are counts of objects, prompts and memories; they stay as they are.
"""

from __future__ import annotations

import logging

import torch

from model_server.models.sam2.network.sam2 import Sam2

log = logging.getLogger(__name__)


def compile_encoder(network: Sam2, autocast: torch.dtype | None) -> bool:
    """Compile the encoder in place and run it once, which takes a minute; whether that worked.

    Where it does not (no compiler, a device that the compiler does not know), the encoder stays as it was.
    """
    device = next(network.parameters()).device
    size = network.config.image_size
    image = torch.zeros(1, 3, size, size, device=device).contiguous(memory_format=torch.channels_last)
    compiled = torch.compile(network.image_encoder, fullgraph=True, dynamic=False)  # pyright: ignore[reportUnknownMemberType]
    try:
        with torch.inference_mode(), torch.autocast(device.type, autocast, enabled=autocast is not None):
            compiled(image)
    except Exception as error:  # a compiler fails in as many ways as there are compilers
        log.warning("the image encoder is not compiled: %s", f"{error}".strip().partition("\n")[0])
        return False
    network.image_encoder = compiled  # pyright: ignore[reportAttributeAccessIssue] - a module, whatever is annotated
    return True
