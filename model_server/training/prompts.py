"""Simulated annotators: which frames are prompted, how, and where the corrective clicks fall (SAM 2 appendix D.2).

Random numbers are drawn on the CPU, so that a seed gives the same prompts on every device.

Shapes: B objects, H x W pixels of the square training frame. Points are (x, y) pixel indices of that frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from model_server.models.sam2.network.prompt_encoder import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NEGATIVE, POSITIVE

PromptKind = Literal["mask", "click", "box"]
BOX_NOISE, BOX_NOISE_PIXELS = 0.1, 20.0
MASK_SHARE = 0.5  # of the clips start from a mask, the others from a click or a box
UNREFINED_SHARE = 0.2  # of the plans that correct tracked frames give clicks without the mask
MISLED_SHARE = 0.1  # of them have a wrong memory, so that only the clicks say which object is meant
TRUTH_SAMPLING = 0.1  # share of corrective clicks that ignore the prediction


@dataclass(frozen=True, slots=True)
class PromptPlan:
    """What the annotator does in one clip, the same for all objects of a batch."""

    kind: PromptKind
    initial_frames: tuple[int, ...]  # conditioning from the start; sorted, frame 0 first
    corrected_frames: tuple[int, ...]  # frames that also receive corrective clicks
    num_corrections: int
    refines: bool = True  # whether a corrective click comes with the mask it corrects
    misleads: bool = False  # whether corrected tracked frames remember an object other than the clicked one

    def order(self, num_frames: int) -> tuple[int, ...]:
        """Initial frames come first, so that they are remembered before the frames between them are tracked."""
        return (*self.initial_frames, *(frame for frame in range(num_frames) if frame not in self.initial_frames))


@dataclass(frozen=True, slots=True)
class Points:
    """Clicks and box corners on one frame, in the order they were given."""

    coordinates: Tensor  # (B, N, 2)
    labels: Tensor  # (B, N) of the prompt encoder's labels

    def and_then(self, later: Points) -> Points:
        """These points followed by later ones."""
        return Points(
            torch.cat([self.coordinates, later.coordinates], dim=1), torch.cat([self.labels, later.labels], dim=1)
        )


def draw_plan(
    rng: np.random.Generator, *, num_frames: int, num_corrections: int, mask_share: float = MASK_SHARE
) -> PromptPlan:
    """Draw mask, click or box with 0.5, 0.25, 0.25 (never a mask on images), 1 or 2 initial frames, up to 2 corrected.

    As in SAM 2, appendix D.2; `mask_share` replaces the 0.5.
    """
    points = num_frames == 1 or rng.random() >= mask_share
    kind: PromptKind = "mask" if not points else ("box" if rng.random() < 0.5 else "click")
    most = min(2, num_frames)
    num_initial = int(rng.integers(1, most + 1))
    others = rng.permutation(np.arange(1, num_frames))
    initial = (0, *sorted(int(frame) for frame in others[: num_initial - 1]))
    if kind == "mask":
        return PromptPlan(kind, initial, (), 0)
    num_corrected = int(rng.integers(num_initial, most + 1))
    extra = [frame for frame in rng.permutation(np.arange(num_frames)) if frame not in initial]
    corrected = (*initial, *(int(frame) for frame in extra[: num_corrected - num_initial]))
    return PromptPlan(kind, initial, tuple(sorted(corrected)), num_corrections)


def draw_correction_plan(
    rng: np.random.Generator, *, num_frames: int, num_corrections: int, mask_share: float
) -> PromptPlan:
    """Draw mask, click or box on the first frame, and corrective clicks on one or two tracked frames.

    Ours. The paper corrects a tracked frame in an eighth of the clips, and never after a mask; in a short training a
    network learns from that that memory outweighs clicks. Prompted first frames are corrected in half of the clips.
    """
    points = rng.random() >= mask_share
    kind: PromptKind = "mask" if not points else ("box" if rng.random() < 0.5 else "click")
    count = min(int(rng.integers(1, 3)), num_frames - 1)
    tracked = (int(frame) for frame in rng.permutation(np.arange(1, num_frames))[:count])
    first = (0,) if points and rng.random() < 0.5 else ()
    refines, misleads = rng.random() >= UNREFINED_SHARE, rng.random() < MISLED_SHARE
    return PromptPlan(kind, (0,), (*first, *sorted(tracked)), num_corrections, bool(refines), bool(misleads))


def initial_click(truth: Tensor, generator: torch.Generator) -> Points:
    """(B, H, W) bool -> one positive click per object, uniform over it; a negative one anywhere if it is absent."""
    present = truth.flatten(1).any(dim=1)
    pool = torch.where(present[:, None, None], truth, ~truth)
    labels = torch.where(present, POSITIVE, NEGATIVE)
    return Points(_uniform(pool, generator)[:, None], labels[:, None])


def noisy_box(truth: Tensor, generator: torch.Generator) -> Points:
    """(B, H, W) bool -> box corners, each moved by at most 10 % of the side and 20 pixels (SAM 2, appendix D.2).

    Raises ValueError if an object is absent.
    """
    if not truth.flatten(1).any(dim=1).all():
        raise ValueError("a box needs a visible object")
    x0, x1 = _extent(truth.any(dim=1))
    y0, y1 = _extent(truth.any(dim=2))
    box = torch.stack([x0, y0, x1, y1], dim=1).float()
    side = torch.stack([x1 - x0, y1 - y0, x1 - x0, y1 - y0], dim=1).float()
    reach = (side * BOX_NOISE).clamp(max=BOX_NOISE_PIXELS)
    noise = (torch.rand(box.shape, generator=generator).to(box.device) * 2 - 1) * reach
    limit = torch.tensor([truth.shape[2] - 1, truth.shape[1] - 1] * 2, device=box.device)
    box = torch.minimum((box + noise).clamp(min=0), limit)
    labels = torch.tensor([BOX_TOP_LEFT, BOX_BOTTOM_RIGHT], device=box.device).expand(len(truth), 2)
    return Points(torch.unflatten(box, 1, (2, 2)), labels)


def corrective_click(truth: Tensor, predicted: Tensor, generator: torch.Generator) -> Points:
    """(B, H, W) bool twice -> one click per object, uniform over its wrong pixels.

    Positive where the mask misses the object, negative where it exceeds it. A perfect mask gets a negative click
    outside. With probability 0.1 the click ignores the prediction and falls on the object, if it is present.
    """
    wrong = truth ^ predicted
    perfect = ~wrong.flatten(1).any(dim=1)
    pool = torch.where(perfect[:, None, None], ~truth, wrong)
    blind = torch.rand(len(truth), generator=generator).to(truth.device) < TRUTH_SAMPLING
    present = truth.flatten(1).any(dim=1)
    pool = torch.where((blind & present)[:, None, None], truth, pool)
    full = ~pool.flatten(1).any(dim=1)  # a perfect mask of the whole frame has no outside
    points = _uniform(torch.where(full[:, None, None], truth, pool), generator)
    x, y = points.long().unbind(dim=1)
    inside = truth[torch.arange(len(truth), device=truth.device), y, x]
    return Points(points[:, None], torch.where(inside, POSITIVE, NEGATIVE)[:, None])


def _uniform(pool: Tensor, generator: torch.Generator) -> Tensor:
    """(B, H, W) bool, none empty -> (B, 2) float x, y of one pixel each."""
    running = pool.flatten(1).cumsum(dim=1, dtype=torch.int32)  # multinomial would draw a number per pixel
    wanted = (torch.rand(len(pool), generator=generator).to(pool.device) * running[:, -1]).int() + 1
    index = torch.searchsorted(running, wanted.clamp(max=running[:, -1])[:, None])[:, 0]
    width = pool.shape[2]
    return torch.stack([index % width, index // width], dim=1).float()


def _extent(occupied: Tensor) -> tuple[Tensor, Tensor]:
    """(B, L) bool -> first and last occupied index."""
    length = occupied.shape[1]
    first = occupied.int().argmax(dim=1)
    last = length - 1 - occupied.flip(1).int().argmax(dim=1)
    return first, last
