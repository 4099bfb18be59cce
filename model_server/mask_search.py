"""The interface of a search for masks of everything on a frame: options, results and steps.

Plain dataclasses and a Protocol, as in `segmenter.py`. Pixel space: pixels of the frame, x to the right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AutomaticOptions:
    """Grids and filters. By default, the grids of SA-V and the thresholds of the released generator."""

    grids: tuple[int, ...] = (32, 16, 4)
    """Points per side: on the whole image, on each of 2 x 2 crops, on each of 4 x 4 crops, and so on."""
    points_per_batch: int = 64
    min_predicted_iou: float = 0.8
    """Exclusive."""
    min_stability: float = 0.95
    """Inclusive; masks that are empty even at the lower threshold never pass."""
    stability_offset: float = 1.0
    mask_threshold: float = 0.0
    max_box_iou: float = 0.7
    """Of two boxes in one crop that overlap by more, the one with the lower predicted IoU is dropped."""
    max_box_iou_across_crops: float = 0.7
    """Of two boxes from different crops that overlap by more, the one from the larger crop is dropped."""
    crop_overlap: float = 512 / 1500
    """Overlap of 2 x 2 crops, as a share of the image's shorter side; finer crops overlap proportionally less."""
    clean_under: int = 200
    """Holes of fewer pixels are filled, then pieces of fewer dropped; masks that become empty go. 0 disables this."""
    refine: bool = False
    """Decode every mask once more from its own logits, for a single answer."""

    def __post_init__(self) -> None:
        """Raise ValueError for an empty grid or batch."""
        if not self.grids or min(self.grids) < 1 or self.points_per_batch < 1:
            raise ValueError("automatic masks need a grid of at least one point")


SA_V_OPTIONS = AutomaticOptions()


@dataclass(frozen=True, slots=True)
class AutomaticMask:
    """A mask that was found. Pixels of the image; boxes are x, y, width, height."""

    counts: str
    """COCO compressed run lengths over the whole image."""
    area: int
    box: tuple[int, int, int, int]
    predicted_iou: float
    stability: float
    point: tuple[float, float]
    """The grid point that prompted it, x, y."""
    crop_box: tuple[int, int, int, int]


class MaskSearch(Protocol):
    """A search in steps short enough to interleave with other work."""

    @property
    def asked(self) -> int:
        """Points asked so far."""
        ...

    @property
    def total(self) -> int:
        """Points to ask in all."""
        ...

    def step(self) -> bool:
        """Do one step; False when there was nothing left to do."""
        ...

    def found(self) -> list[AutomaticMask]:
        """The masks, best first; complete once `step` has returned False."""
        ...
