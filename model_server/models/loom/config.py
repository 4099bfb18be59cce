"""Hyperparameters of the model in the box: a small SAM 2 with parts of its own."""

from __future__ import annotations

from dataclasses import dataclass

from model_server.models.loom.correspondence import IMAGE_STEP
from model_server.models.sam2.config import Sam2Config


@dataclass(frozen=True, slots=True)
class LoomConfig(Sam2Config):
    """A SAM 2 network and its optional additions."""

    correspondence_dim: int = 0
    """Channels of a cell's descriptor at stride 4; the image size must be a multiple of 32. 0 disables the
    correspondence, so that masks are propagated by memory attention alone."""
    refines_by_adding: bool = False
    """Whether the decoder's output is added to the mask it refines; otherwise it replaces the mask."""
    answers_by_trunk: bool = False
    """Whether the prompt head answers clicks and boxes from the features of the pretrained trunk.

    The head is trained by itself, for a network that is trained already; no preset has it."""
    carries_by_trunk: bool = False
    """Whether cells are described from the features of the trunk, instead of those of the image encoder.

    The neck that does so is trained by itself too."""
    draws_outlines: bool = False
    """Whether carried masks are drawn pixel by pixel, by what the pixels show.

    The outline that does so is trained by itself, for a neck that is trained already."""

    def size_problem(self) -> str | None:
        """Why images of this size cannot be encoded, or None: correspondence needs a whole number of blocks."""
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
