"""Segments single images: SAM 2 without memory (SAM 2 section 4; SAM section 3 for ambiguity).

As in the released image predictor, three things differ from a frame of a video: the image is resized bilinearly, an
object is never considered absent, and a mask alone is decoded without any prompt token.

Shapes: B prompts, M masks each (3 candidates or 1), h x w the stride-16 grid, S the network's input size,
(H, W) the image.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.network.mask_decoder import Candidates
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import (
    LOGIT_LIMIT,
    REPORTED_STABILITY_OFFSET,
    ImageFeatures,
    PromptTensors,
    choose,
    stability,
)
from model_server.models.sam2.network.sam2 import MASK_BIAS, MASK_SCALE, Sam2
from model_server.segmenter import FramePrompt, Mask


@dataclass(frozen=True, slots=True)
class ImageMask:
    """One proposed mask of an image."""

    mask: Mask
    low_res_logits: NDArray[np.float32]
    """(4h, 4w) within +-32; passed back as `previous`, they are refined by the next answer."""
    predicted_iou: float
    stability: float
    """0..1: IoU of the masks at a higher and a lower threshold."""


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """What the network proposes for B prompts, as tensors."""

    logits: Tensor  # (B, M, 4h, 4w)
    predicted_ious: Tensor  # (B, M)

    @property
    def previous(self) -> Tensor:
        """The logits, clamped for refinement."""
        return self.logits.clamp(-LOGIT_LIMIT, LOGIT_LIMIT)


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How images are segmented."""

    stability_fallback: bool = True
    """Whether an unstable single mask is replaced by the best of the three candidates."""
    autocast: torch.dtype | None = None


class ImageSegmenter:
    """Encodes images, ready to be prompted."""

    def __init__(self, network: Sam2, options: ImageOptions | None = None) -> None:
        self.network = network
        self.options = options or ImageOptions()

    def encode(self, rgb: NDArray[np.uint8]) -> EncodedImage:
        """Encode an image, (H, W, 3) uint8 RGB, for any number of prompts."""
        height, width, _ = rgb.shape
        device = self.network.no_mem_embed.device
        geometry = InputGeometry(height, width, self.network.config.image_size, device)
        with self.inference():
            image = as_image_input(rgb, geometry.input_size)
            features = self.network.encode_image(image.to(device, self.network.no_mem_embed.dtype))
        return EncodedImage(self, features, geometry)

    @contextmanager
    def inference(self) -> Generator[None]:
        """Disable gradients and apply the precision of the options."""
        dtype, device = self.options.autocast, self.network.no_mem_embed.device.type
        with torch.inference_mode(), torch.autocast(device, dtype, enabled=dtype is not None):
            yield


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An encoded image. Prompts are in pixels of the image."""

    segmenter: ImageSegmenter
    features: ImageFeatures
    geometry: InputGeometry

    def segment(
        self, prompt: FramePrompt | None, *, multimask: bool = True, previous: NDArray[np.float32] | None = None
    ) -> list[ImageMask]:
        """The three candidates for a prompt, in the order of the decoder, or a single mask.

        `previous` are the (4h, 4w) logits of a mask to refine; without a prompt, they are the prompt themselves.
        Raises ValueError when both are None, or when a mask prompt does not have the size of the image.
        """
        answer = self.answer(self._tensors(prompt, previous), multimask=multimask)
        masks = zip(self._masks(answer.logits[0]), answer.previous[0], answer.predicted_ious[0], strict=True)
        return [
            ImageMask(
                mask=mask,
                low_res_logits=logits.cpu().numpy(),
                predicted_iou=float(iou),
                stability=float(stability(logits, REPORTED_STABILITY_OFFSET)),
            )
            for mask, logits, iou in masks
        ]

    def points(self, xy: NDArray[np.float64], labels: NDArray[np.int64]) -> PromptTensors:
        """(B, N, 2) points in pixels of the image, (B, N) labels of `prompt_encoder`; a box is two corners, first."""
        size = torch.tensor([self.geometry.video_width, self.geometry.video_height], dtype=torch.float32)
        points = torch.as_tensor(np.asarray(xy, np.float32)) / size * self.geometry.input_size
        device = self.geometry.device
        return PromptTensors(points.to(device), torch.as_tensor(labels).to(device))

    def answer(self, prompts: PromptTensors, *, multimask: bool) -> ImageAnswer:
        """Answer B prompts at once."""
        with self.segmenter.inference():
            candidates = self._candidates(prompts)
            if multimask:
                return ImageAnswer(candidates.masks[:, 1:], candidates.predicted_ious[:, 1:])
            index, _ = choose(candidates, False, self.segmenter.options.stability_fallback)
            rows = torch.arange(len(index), device=index.device)
            return ImageAnswer(candidates.masks[rows, index, None], candidates.predicted_ious[rows, index, None])

    def upscale(self, logits: Tensor) -> Tensor:
        """(M, 4h, 4w) logits -> (M, H, W) float32, bilinear."""
        size = (self.geometry.video_height, self.geometry.video_width)
        return F.interpolate(logits[:, None].float(), size=size, mode="bilinear")[:, 0]

    def _masks(self, logits: Tensor) -> NDArray[np.bool_]:
        with self.segmenter.inference():
            return (self.upscale(logits) > 0).cpu().numpy()

    def _tensors(self, prompt: FramePrompt | None, previous: NDArray[np.float32] | None) -> PromptTensors:
        logits = None if previous is None else torch.as_tensor(previous)[None, None].to(self.geometry.device)
        if prompt is not None and prompt.mask is not None:
            self.geometry.check(prompt.mask)
            logits = self.geometry.mask(prompt.mask) * MASK_SCALE + MASK_BIAS
        elif prompt is not None:
            drawn = self.geometry.prompts(prompt)
            return PromptTensors(drawn.points, drawn.labels, logits)
        if logits is None:
            raise ValueError("an image is asked with clicks, a box, a mask or earlier logits")
        nothing = PromptTensors.none(1, self.geometry.device)
        return PromptTensors(nothing.points, nothing.labels, logits)

    def _candidates(self, prompts: PromptTensors) -> Candidates:
        network = self.segmenter.network
        encoder = network.sam_prompt_encoder
        frame = network.condition(self.features, None)
        height, width = frame.shape[-2:]
        if prompts.points.shape[1]:
            sparse = encoder.embed_points(prompts.points, prompts.labels, self.geometry.input_size)
        else:  # a mask alone: not even the padding point
            sparse = frame.new_zeros(len(prompts.points), 0, frame.shape[1])
        if prompts.mask_logits is None:
            dense = encoder.embed_no_mask()
        else:
            dense = encoder.embed_mask(_resized(prompts.mask_logits, (4 * height, 4 * width)))
        image = (frame + dense).expand(len(sparse), -1, -1, -1)
        code = encoder.pe_layer.grid(height, width).to(image.dtype)
        candidates = network.sam_mask_decoder(image, code, sparse, self.features.stride8, self.features.stride4)
        return network.refined(candidates, prompts)


def as_image_input(rgb: NDArray[np.uint8], size: int) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, S, S) float32, stretched (bilinear, antialiased) and normalised as in training."""
    image = torch.as_tensor(np.require(rgb, requirements=["C", "W"])).permute(2, 0, 1)[None] / 255
    image = _resized(image, (size, size))
    return normalise(image)


def _resized(x: Tensor, size: Sequence[int]) -> Tensor:
    if tuple(x.shape[-2:]) == tuple(size):
        return x
    return F.interpolate(x.float(), size=tuple(size), mode="bilinear", antialias=True)
