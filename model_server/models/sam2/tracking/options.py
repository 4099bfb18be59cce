"""Options of a tracking session of SAM 2, among them its differences from the released predictor."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.memory import MemoryRules

OBJECTS_AT_ONCE = 8
"""Objects per pass of the network at most, so that its memory stays bounded."""
PROCESSOR_CACHE_BYTES = 16 * 2**20
"""The share of a CPU's last-level cache that a pass can count on."""


def objects_at_once(config: Sam2Config, device: torch.device) -> int:
    """Number of objects in a pass over a frame.

    On a CPU the widest activations of a pass, those of the feed-forward layers in memory attention, should fit in the
    cache: with a 512 px network, eight objects take a seventh longer each than two, because they do not.
    """
    if device.type != "cpu":
        return OBJECTS_AT_ONCE
    bytes_per_object = 4 * config.memory_mlp_dim * (config.image_size // 16) ** 2
    return min(max(PROCESSOR_CACHE_BYTES // bytes_per_object, 1), OBJECTS_AT_ONCE)


def bytes_per_frame(config: Sam2Config) -> int:
    """Bytes that a tracked frame of one object holds: logits, memory and pointer."""
    logits, memory = (config.image_size // 4) ** 2, config.mem_dim * (config.image_size // 16) ** 2
    return 4 * logits + 2 * memory + 4 * config.d_model


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Where a session may differ from the released predictor. The defaults are ours."""

    corrections_condition: bool = True
    """A prompt on a tracked frame makes it conditioning; otherwise the next propagation overwrites it."""
    answers_click_by_click: bool = True
    """Each click refines the answer to those before it; otherwise the previous answer, whatever its prompt was."""
    returns_given_masks: bool = True
    """A mask prompt is returned pixel for pixel; otherwise as the network's coarser logits."""
    forgets_cleared_frames: bool = True
    """Clearing a frame drops its memory; otherwise it becomes an ordinary memory."""
    ignores_own_memory: bool = True
    """A frame that is prompted again does not attend to its own earlier memory; otherwise it does."""
    clicks_prevail: bool = True
    """A corrected mask that contradicts its clicks is replaced by the image's own answer, if that does so less."""
    knows_video_length: bool = False
    """Ages of pointers are relative to the length of a video under 16 frames; otherwise always to 16."""
    clears_around_prompts: bool = False
    """Propagation from a prompted frame first drops the tracked memories around it."""


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
    """How a session runs."""

    rules: MemoryRules
    behaviour: Behaviour = Behaviour()
    stability_fallback: bool = True
    binarise_prompted: bool = True
    fill_holes_up_to: int = 0
    """Holes in a mask of at most this many pixels, on the 4h x 4w grid of logits, are filled."""
    non_overlapping: bool = False
    """If objects of one answer overlap, a pixel belongs to the one with the highest logit."""
    feature_cache_bytes: int = 256 * 2**20
    tracked_bytes_per_object: int = 16 * 2**20
    """Bytes of tensors that tracked frames may hold; frames within the attention window always keep theirs."""
    autocast: torch.dtype | None = None
