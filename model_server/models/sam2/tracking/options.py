"""How a tracking session of SAM 2 runs, and where it may differ from the released predictor."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.memory import MemoryRules

OBJECTS_AT_ONCE = 8
"""More objects than these go through the network in several passes, so that its memory stays bounded."""
PROCESSOR_CACHE_BYTES = 16 * 2**20
"""What a processor's last cache can be trusted to hold beside other work."""


def objects_at_once(config: Sam2Config, device: torch.device) -> int:
    """How many objects a pass over a frame takes.

    On a processor the widest activations of a pass, those of memory attention's feed-forward, should stay in the cache:
    eight objects of a 512 px network cost a seventh more each than two, because every layer goes through memory.
    """
    if device.type != "cpu":
        return OBJECTS_AT_ONCE
    bytes_per_object = 4 * config.memory_mlp_dim * (config.image_size // 16) ** 2
    return min(max(PROCESSOR_CACHE_BYTES // bytes_per_object, 1), OBJECTS_AT_ONCE)


def bytes_per_frame(config: Sam2Config) -> int:
    """What a tracked frame of one object holds."""
    logits, memory = (config.image_size // 4) ** 2, config.mem_dim * (config.image_size // 16) ** 2
    return 4 * logits + 2 * memory + 4 * config.d_model


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Where a session may differ from the released predictor; the defaults are ours."""

    corrections_condition: bool = True
    """A prompt on a tracked frame makes it conditioning; otherwise the next propagation overwrites it."""
    answers_click_by_click: bool = True
    """Every click sees the answer to those before it; otherwise the answer to whatever was asked before."""
    returns_given_masks: bool = True
    """A mask prompt is returned pixel for pixel; otherwise as the network's coarser logits."""
    forgets_cleared_frames: bool = True
    """Clearing a frame drops its memory; otherwise it stays as an ordinary memory."""
    ignores_own_memory: bool = True
    """A frame that is prompted again does not attend to what was said of it before; otherwise it does."""
    clicks_prevail: bool = True
    """A corrected frame whose mask contradicts its clicks gets the image's own answer to them, if that does so less."""
    knows_video_length: bool = False
    """Pointer ages are shares of the video's length when it is under 16 frames; otherwise always of 16."""
    clears_around_prompts: bool = False
    """Propagation from a prompted frame drops the tracked memories around it first."""


REFERENCE_BEHAVIOUR = Behaviour(
    corrections_condition=False,
    answers_click_by_click=False,
    returns_given_masks=False,
    forgets_cleared_frames=False,
    ignores_own_memory=False,
    clicks_prevail=False,
    knows_video_length=True,
)


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a session runs. `max_conditioning` and the rest of the rules count frames."""

    rules: MemoryRules
    behaviour: Behaviour = Behaviour()
    stability_fallback: bool = True
    binarise_prompted: bool = True
    fill_holes_up_to: int = 0
    """Holes of the mask logits with at most so many pixels (of their own size, 4h x 4w) are filled."""
    non_overlapping: bool = False
    """Where objects that are answered together overlap, the one of the highest logit has the pixel."""
    feature_cache_bytes: int = 256 * 2**20
    tracked_bytes_per_object: int = 16 * 2**20
    """What tracked frames may hold beyond their masks; those within the attention window always keep theirs."""
    autocast: torch.dtype | None = None
