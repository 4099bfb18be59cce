"""Affinity loss: whether two cells show the same object. Ours; trains the encoder on masks without any decoder.

Shapes: B clips of T frames, K objects, S pixels of the square frame.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_server.models.sam2.network.prediction import ImageFeatures

STRIDES = (16, 8, 4)
PURE = 0.75  # a cell belongs to an object that covers more than this share of it
SAMPLED_CELLS = 192  # per clip and stride; the number of pairs is the square
SCALE, BIAS = 5.0, -2.0


class Affinity(nn.Module):
    """Maps the cosine of two features to the log-odds that they belong to one object, per stride."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((len(STRIDES),), SCALE))
        self.bias = nn.Parameter(torch.full((len(STRIDES),), BIAS))

    def forward(self, features: ImageFeatures, masks: Tensor, generator: torch.Generator) -> Tensor:
        """Scalar loss of features (B * T, ...) on masks (B, K, S, S) or (B, T, K, S, S) bool.

        Cells of all frames of a clip are compared. Like and unlike pairs have the same total weight; pairs of two
        background cells are ignored. Objects may overlap: two cells are alike if any object covers both.
        """
        masks = masks if masks.ndim == 5 else masks[:, None]
        rest = ~masks.any(dim=2, keepdim=True)
        regions = torch.cat([rest, masks], dim=2).float()
        total = features.stride16.new_zeros(())
        maps = (features.stride16, features.stride8, features.stride4)
        for level, (stride, feature_map) in enumerate(zip(STRIDES, maps, strict=True)):
            coverage = torch.unflatten(functional.avg_pool2d(regions.flatten(0, 1), stride), 0, regions.shape[:2])
            coverage = coverage.transpose(1, 2).flatten(3).flatten(2)  # (B, 1 + K, T * cells)
            features_of_cells = torch.unflatten(feature_map, 0, regions.shape[:2]).transpose(1, 2).flatten(3).flatten(2)
            cells = torch.randperm(coverage.shape[2], generator=generator)[:SAMPLED_CELLS].to(coverage.device)
            codes = functional.normalize(features_of_cells[..., cells], dim=1)
            odds = codes.transpose(1, 2) @ codes * self.scale[level] + self.bias[level]
            like, unlike = _pairs(coverage[..., cells] > PURE)
            error = functional.binary_cross_entropy_with_logits(odds, like.float(), reduction="none")
            total = total + _mean(error, like) / 2 + _mean(error, unlike) / 2
        return total


def _pairs(inside: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1 + K, N) bool, the background first -> (B, N, N) bool twice: like and unlike pairs."""
    objects = inside[:, 1:].float()
    like = objects.transpose(1, 2) @ objects > 0
    known, on_object = inside.any(dim=1), inside[:, 1:].any(dim=1)
    unlike = known[:, :, None] & known[:, None, :] & (on_object[:, :, None] | on_object[:, None, :]) & ~like
    return like, unlike


def _mean(values: Tensor, where: Tensor) -> Tensor:
    return (values * where).sum() / where.sum().clamp(min=1)
