"""Automatic masks: everything in an image, without a prompt (SAM appendix B; SAM 2 appendix D.1 for the SA-V grids).

The network is prompted with each point of a grid. Masks with a high predicted IoU and a high stability are kept, then
reduced by non-maximum suppression of their boxes. Crops of the image are searched as well, for small objects;
masks that the edge of their crop may have cut off are dropped. Grids, filters and their order are those of the released
generator; small holes and pieces are cleaned up at full resolution, as for the published masklets of SA-V.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_server.mask_search import SA_V_OPTIONS, AutomaticMask, AutomaticOptions
from model_server.masks import components, rle
from model_server.masks.boxes import boxes_of, keep_best
from model_server.models.sam2.images.image_segmenter import EncodedImage, ImageAnswer, ImageSegmenter
from model_server.models.sam2.network.prediction import PromptTensors
from model_server.models.sam2.network.prompt_encoder import POSITIVE
from model_server.segmenter import Mask

EDGE_PIXELS = 20
"""A box this near the edge of its crop, but not of the image, was probably cut off."""
UPSCALED_AT_ONCE = 8
Progress = Callable[[int, int], None]
"""Called after each step with the number of points done and in total. An exception it raises ends the search."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the image and its grid of points. Pixels of the image; the upper bounds are excluded."""

    x0: int
    y0: int
    x1: int
    y1: int
    points_per_side: int

    def grid(self) -> NDArray[np.float64]:
        """(N, 2) points x, y in pixels of the crop, at the centres of equal cells, in row-major order."""
        shares = (np.arange(self.points_per_side) + 0.5) / self.points_per_side
        x, y = np.meshgrid(shares * (self.x1 - self.x0), shares * (self.y1 - self.y0))
        return np.stack([x.ravel(), y.ravel()], axis=1)


@dataclass(frozen=True, slots=True)
class _Found:
    """A mask that passed the filters of its crop."""

    mask: AutomaticMask
    corners: tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels of the image, inclusive


class AutomaticSearch:
    """Implements `model_server.mask_search.MaskSearch` on one image (H, W, 3).

    A step that raises, for instance for lack of memory, changes nothing and can be repeated.
    """

    def __init__(self, segmenter: ImageSegmenter, rgb: NDArray[np.uint8], options: AutomaticOptions) -> None:
        self._segmenter = segmenter
        self._rgb = rgb
        self._options = options
        crops = crops_of(rgb.shape[0], rgb.shape[1], options)
        self._crops_differ = len(crops) > 1
        self._left = deque(crops)
        self._image: EncodedImage | None = None  # the first of the remaining crops
        self._asked_of_crop = 0
        self._found_in_crop: list[_Found] = []
        self._found: list[_Found] = []
        self.asked = 0
        self.total = sum(crop.points_per_side**2 for crop in crops)

    def step(self) -> bool:
        """Encode a crop or prompt a batch of points; False when there was nothing left to do."""
        if not self._left:
            return False
        crop = self._left[0]
        if self._image is None:
            pixels = self._rgb[crop.y0 : crop.y1, crop.x0 : crop.x1]
            self._image = self._segmenter.encode(np.ascontiguousarray(pixels))
            return True
        batch = crop.grid()[self._asked_of_crop :][: self._options.points_per_batch]
        frame = _CroppedFrame(crop, self._rgb.shape[0], self._rgb.shape[1])
        self._found_in_crop += list(_ask(self._image, batch, frame, self._options))
        self._asked_of_crop += len(batch)
        self.asked += len(batch)
        if self._asked_of_crop == crop.points_per_side**2:
            self._finish_crop()
        return True

    def found(self) -> list[AutomaticMask]:
        """The masks, smaller crops first, then by predicted IoU; complete once `step` has returned False."""
        return [each.mask for each in self._found]

    def _finish_crop(self) -> None:
        scores = [each.mask.predicted_iou for each in self._found_in_crop]
        self._found += _thinned(self._found_in_crop, scores, self._options.max_box_iou)
        self._left.popleft()
        self._image, self._asked_of_crop, self._found_in_crop = None, 0, []
        if self._crops_differ and not self._left:
            smallness = [1 / (each.mask.crop_box[2] * each.mask.crop_box[3]) for each in self._found]
            self._found = _thinned(self._found, smallness, self._options.max_box_iou_across_crops)


def automatic_masks(
    segmenter: ImageSegmenter,
    rgb: NDArray[np.uint8],
    options: AutomaticOptions = SA_V_OPTIONS,
    progress: Progress | None = None,
) -> list[AutomaticMask]:
    """All masks found in an image (H, W, 3) uint8 RGB, smaller crops first, then by predicted IoU."""
    search = AutomaticSearch(segmenter, rgb, options)
    while search.step():
        if progress is not None:
            progress(search.asked, search.total)
    return search.found()


def crops_of(height: int, width: int, options: AutomaticOptions) -> list[Crop]:
    """The whole image, then 2 x 2 overlapping crops, 4 x 4 and so on, each layer in column-major order."""
    crops = [Crop(0, 0, width, height, options.grids[0])]
    for layer, points_per_side in enumerate(options.grids[1:], start=1):
        side = 2**layer
        overlap = int(options.crop_overlap * min(height, width) * (2 / side))
        crop_width = ceil((overlap * (side - 1) + width) / side)
        crop_height = ceil((overlap * (side - 1) + height) / side)
        for column, row in product(range(side), range(side)):
            x0, y0 = (crop_width - overlap) * column, (crop_height - overlap) * row
            x1, y1 = min(x0 + crop_width, width), min(y0 + crop_height, height)
            crops.append(Crop(x0, y0, x1, y1, points_per_side))
    return crops


@dataclass(frozen=True, slots=True)
class _CroppedFrame:
    """A crop within its image."""

    crop: Crop
    height: int
    width: int

    def cuts(self, corners: Tensor) -> Tensor:
        """(N, 4) boxes in the crop -> (N,) bool: near an edge of the crop that is not an edge of the image."""
        crop = torch.tensor([self.crop.x0, self.crop.y0, self.crop.x1, self.crop.y1])
        image = torch.tensor([0, 0, self.width, self.height])
        placed = corners.cpu() + crop[[0, 1, 0, 1]]
        near_crop, near_image = (placed - crop).abs() <= EDGE_PIXELS, (placed - image).abs() <= EDGE_PIXELS
        return (near_crop & ~near_image).any(dim=1)

    def found(
        self, mask: Mask, corners: tuple[int, int, int, int], point: NDArray[np.float64], scores: tuple[float, float]
    ) -> _Found:
        """Place a mask of the crop, its box and its point in the image; `scores` are predicted IoU and stability."""
        crop = self.crop
        whole = np.zeros((self.height, self.width), bool)
        whole[crop.y0 : crop.y1, crop.x0 : crop.x1] = mask
        x0, y0, x1, y1 = corners
        return _Found(
            AutomaticMask(
                counts=rle.encode(whole),
                area=int(mask.sum()),
                box=(x0 + crop.x0, y0 + crop.y0, x1 - x0, y1 - y0),
                predicted_iou=scores[0],
                stability=scores[1],
                point=(float(point[0]) + crop.x0, float(point[1]) + crop.y0),
                crop_box=(crop.x0, crop.y0, crop.x1 - crop.x0, crop.y1 - crop.y0),
            ),
            corners=(x0 + crop.x0, y0 + crop.y0, x1 + crop.x0, y1 + crop.y0),
        )


def _ask(
    image: EncodedImage, points: NDArray[np.float64], frame: _CroppedFrame, options: AutomaticOptions
) -> Iterator[_Found]:
    """The candidates of all points that pass the filters of a crop."""
    prompts = image.points(points[:, None], np.full((len(points), 1), POSITIVE))
    answer = image.answer(prompts, multimask=True)
    asked = np.repeat(np.arange(len(points)), answer.logits.shape[1])
    logits, ious = answer.logits.flatten(0, 1), answer.predicted_ious.flatten(0, 1)
    if options.refine:
        logits, ious = _refined(image, prompts, answer, options.points_per_batch)
    sure = (ious > options.min_predicted_iou).nonzero()[:, 0]
    if not len(sure):
        return
    for some in torch.split(sure, UPSCALED_AT_ONCE):  # all at once at full resolution, they would take gigabytes
        full = image.upscale(logits[some])
        stability = _stability(full, options)
        stable = stability >= options.min_stability
        masks = _cleaned(full[stable] > options.mask_threshold, options.clean_under)
        corners = boxes_of(masks)
        whole = masks.flatten(1).any(dim=1) & ~frame.cuts(corners)
        rows, scores = some[stable].cpu()[whole].numpy(), stability[stable].cpu()[whole].numpy()
        kept = zip(masks[whole].numpy(), corners[whole].numpy().tolist(), rows.tolist(), scores.tolist(), strict=True)
        for mask, box, row, score in kept:
            yield frame.found(mask, tuple(box), points[asked[row]], (float(ious[row]), score))


def _cleaned(masks: Tensor, under: int) -> Tensor:
    """Fill holes and drop pieces of fewer than `under` pixels: (N, H, W) bool, on the CPU from here on."""
    masks = masks.cpu()
    if under == 0:
        return masks
    filled = (components.fill_holes(mask, under=under) for mask in masks.numpy())
    kept = [mask & ~components.pieces_up_to(mask, under - 1) for mask in filled]
    return torch.as_tensor(np.stack(kept)) if kept else masks


def _refined(image: EncodedImage, prompts: PromptTensors, answer: ImageAnswer, batch: int) -> tuple[Tensor, Tensor]:
    """Decode each candidate again from its own logits: (B * M, 4h, 4w) logits and (B * M,) predicted IoU."""
    candidates = answer.logits.shape[1]
    points = torch.split(prompts.points.repeat_interleave(candidates, dim=0), batch)
    labels = torch.split(prompts.labels.repeat_interleave(candidates, dim=0), batch)
    previous = torch.split(answer.previous.flatten(0, 1)[:, None], batch)
    again = [
        image.answer(PromptTensors(*parts), multimask=False) for parts in zip(points, labels, previous, strict=True)
    ]
    return torch.cat([one.logits[:, 0] for one in again]), torch.cat([one.predicted_ious[:, 0] for one in again])


def _stability(full: Tensor, options: AutomaticOptions) -> Tensor:
    """(N, H, W) logits -> (N,) stability; NaN, which passes no filter, if both masks are empty."""
    inner = _areas(full > options.mask_threshold + options.stability_offset)
    outer = _areas(full > options.mask_threshold - options.stability_offset)
    return inner / outer


def _areas(masks: Tensor) -> Tensor:
    """(N, H, W) bool -> (N,). One by one: summing the stack over H and W is ten times slower on a CPU."""
    return torch.stack([mask.count_nonzero() for mask in masks])


def _thinned(found: list[_Found], scores: list[float], max_iou: float) -> list[_Found]:
    if not found:
        return []
    boxes = torch.tensor([each.corners for each in found])
    return [found[int(index)] for index in keep_best(boxes, torch.tensor(scores), max_iou)]
