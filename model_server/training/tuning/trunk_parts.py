"""The parts of the model in the box that work on what its frozen trunk sees, tuned together on annotated clips.

One clip teaches both: its masks are carried through some of the frames, and asked for on them.

Shapes: T frames of S pixels, K objects, B of them asked for.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from model_server.models.loom.network import Loom
from model_server.models.loom.prompt_head.u_net import seen
from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipShape
from model_server.training.neck.neck_step import frames_of_step, passage_loss
from model_server.training.neck.seen_clips import CELL, Passage
from model_server.training.optimiser import OptimiserSettings
from model_server.training.outline.outline_step import masks_loss, passage_masks
from model_server.training.parts.part_run import Lessons
from model_server.training.parts.seen_folder import Trunk
from model_server.training.prompt_head.asked_objects import AskedObjects, in_windows
from model_server.training.prompt_head.head_step import HeadRecipe, objects_loss
from model_server.training.prompt_head.pictures import LEAST_PIXELS

COLUMNS = ("carried_iou", "mask", "iou", "best_of_three_iou", "prompted_iou", "drawn_iou")


@dataclass(frozen=True, slots=True)
class TrunkPartsRecipe:
    """How the parts are tuned."""

    num_steps: int
    num_frames: int = 8  # of a clip, of which a step takes some
    num_objects: int = 4
    num_asked: int = 4
    average_decay: float = 0.97
    head: HeadRecipe = field(default_factory=HeadRecipe)
    optimiser: OptimiserSettings = field(
        default_factory=lambda: OptimiserSettings(
            learning_rate=3e-4, weight_decay=0.01, warmup_steps=10, final_rate=0.05, second_moment=0.99
        )
    )


class TrunkParts(nn.Module):
    """Copies of the parts: the neck and its sharpness, and of prompt head and outline what the network has."""

    def __init__(self, network: Loom) -> None:
        super().__init__()
        self.correspondence = deepcopy(network.correspondence)
        self.prompt_head = deepcopy(network.prompt_head) if network.config.answers_by_trunk else None
        self.outline = deepcopy(network.outline) if network.config.draws_outlines else None


def lessons_of(network: Loom, clips: AnnotatedClips, trunk: Trunk, recipe: TrunkPartsRecipe) -> Lessons[TrunkParts]:
    """What the parts of a network learn from annotated clips; they begin as they are."""

    def step_loss(parts: TrunkParts, random: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        return parts_loss(parts, _seen(clips, trunk, network.config.image_size, recipe, random), recipe, random)

    return Lessons(
        make=partial(TrunkParts, network),
        step_loss=step_loss,
        validate=lambda _parts: {},
        columns=COLUMNS,
        num_steps=recipe.num_steps,
        average_decay=recipe.average_decay,
        optimiser=recipe.optimiser,
    )


@dataclass(frozen=True, slots=True)
class SeenFrames:
    """Some frames of a clip, in order, and what the trunk sees in them."""

    levels: tuple[Tensor, Tensor, Tensor]
    pixels: Tensor  # (T, 3, S, S) RGB in 0..255
    masks: Tensor  # (T, K, S, S) bool


def parts_loss(
    parts: TrunkParts, frames: SeenFrames, recipe: TrunkPartsRecipe, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The sum of the losses of all parts, and their metrics by column."""
    passage = Passage(frames.levels, functional.avg_pool2d(frames.masks.float(), CELL))
    loss, row = passage_loss(parts.correspondence, passage, random)
    if parts.prompt_head is not None and (objects := _asked(frames, recipe, random)) is not None:
        head_loss, head_row = objects_loss(parts.prompt_head, objects, random)
        loss, row = loss + head_loss, row | head_row
    if parts.outline is not None:  # it draws what the neck carries by now
        masks = passage_masks(parts.correspondence, passage, frames.pixels, frames.masks.float())
        outline_loss, outline_row = masks_loss(parts.outline, masks)
        loss, row = loss + outline_loss, row | outline_row
    return loss, row


def _seen(
    clips: AnnotatedClips, trunk: Trunk, size: int, recipe: TrunkPartsRecipe, random: np.random.Generator
) -> SeenFrames:
    shape = ClipShape(1, recipe.num_frames, recipe.num_objects, size)
    batch: ClipBatch = clips.batch(int(random.integers(2**31)), shape)
    chosen = frames_of_step(recipe.num_frames, random)
    pixels = 255 * batch.frames[0, chosen]
    with torch.no_grad():
        levels = trunk(pixels.contiguous(memory_format=torch.channels_last))
    return SeenFrames(levels, pixels, batch.masks[0, chosen])


def _asked(frames: SeenFrames, recipe: TrunkPartsRecipe, random: np.random.Generator) -> AskedObjects | None:
    """Some of the objects, each on one of the frames that show enough of it; None if none does."""
    shown = torch.nonzero(frames.masks.sum(dim=(2, 3)) >= LEAST_PIXELS)
    if not len(shown):
        return None
    frame, number = shown[random.integers(len(shown), size=recipe.num_asked)].unbind(dim=1)
    stride4, stride8, stride16 = (level[frame] for level in frames.levels)
    images = seen((stride4, stride8, stride16), frames.pixels[frame])
    objects = AskedObjects(images, frames.masks[frame, number].numpy())
    if random.random() >= recipe.head.window_share:
        return objects
    return in_windows(objects, recipe.head.window_cells, random)
