"""Hyper-parameters of the model in the box: a small SAM 2 with two parts of its own."""

from __future__ import annotations

from dataclasses import dataclass

from model_server.models.loom.correspondence import IMAGE_STEP
from model_server.models.sam2.config import Sam2Config


@dataclass(frozen=True, slots=True)
class LoomConfig(Sam2Config):
    """A SAM 2 network, and what is added to it. Each part can be left out."""

    correspondence_dim: int = 0
    """Channels by which cells are found again at stride 4, of images whose side is a multiple of 32; 0: masks are
    carried by memory attention alone."""
    refines_by_adding: bool = False
    """Whether what the decoder says is added to the mask it refines; otherwise it says the whole mask anew."""

    def size_problem(self) -> str | None:
        """Why images of this size cannot be encoded: the search for cells goes block by block."""
        if self.correspondence_dim and self.image_size % IMAGE_STEP:
            return f"a correspondence needs an image side of {IMAGE_STEP}, {2 * IMAGE_STEP} ... pixels"
        return None


BUILTIN_CONFIG = LoomConfig(
    "builtin",
    image_size=384,
    embed_dim=32,
    stages=(1, 2, 4, 1),
    global_attention_blocks=(4, 6),
    window_sizes=(8, 4, 8, 4),
    d_model=128,
    decoder_mlp_dim=512,
    iou_head_dim=128,
    mem_dim=32,
    memory_layers=2,
    memory_mlp_dim=512,
    memory_mask_channels=(4, 16, 32, 64),
    correspondence_dim=32,
    refines_by_adding=True,
    dropout=0.0,
)
