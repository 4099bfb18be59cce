"""Prompt encoder (SAM 2 section 4 "Prompt encoder and mask decoder", SAM appendix A).

Shapes: B objects, N prompt points, C channels, h x w the stride-16 grid (mask prompts come at 4h x 4w).
"""

import torch
from torch import Tensor, nn

from model_server.models.sam2.network.layer_norm import LayerNorm2d
from model_server.models.sam2.network.position_encoding import RandomFourierPositions

NOT_A_POINT, NEGATIVE, POSITIVE, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT = -1, 0, 1, 2, 3
MASK_CHANNELS = 16


class PromptEncoder(nn.Module):
    """Points, box corners and mask logits as tokens and as a map."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.pe_layer = RandomFourierPositions(d_model)
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, d_model) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, d_model)
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, MASK_CHANNELS // 4, kernel_size=2, stride=2),
            LayerNorm2d(MASK_CHANNELS // 4),
            nn.GELU(),
            nn.Conv2d(MASK_CHANNELS // 4, MASK_CHANNELS, kernel_size=2, stride=2),
            LayerNorm2d(MASK_CHANNELS),
            nn.GELU(),
            nn.Conv2d(MASK_CHANNELS, d_model, kernel_size=1),
        )
        self.no_mask_embed = nn.Embedding(1, d_model)

    def embed_points(self, points: Tensor, labels: Tensor, image_size: int) -> Tensor:
        """(B, N, 2) pixel indices x, y of the square input and (B, N) labels -> (B, N + 1, C).

        One padding point is always appended. In training an object without points had two equal padding tokens, so the
        caller passes one of its own.
        """
        points = torch.cat([points, points.new_zeros(points.shape[0], 1, 2)], dim=1)
        labels = torch.cat([labels, labels.new_full((labels.shape[0], 1), NOT_A_POINT)], dim=1)
        codes = self.pe_layer((points + 0.5) / image_size)
        embeddings = (self.not_a_point_embed, *self.point_embeddings)
        kinds = torch.cat([embedding.get_parameter("weight") for embedding in embeddings])  # (5, C), label -1 first
        is_point = (labels != NOT_A_POINT)[..., None]
        return torch.where(is_point, codes, 0) + kinds[labels + 1]

    def embed_mask(self, logits: Tensor) -> Tensor:
        """(B, 1, 4h, 4w) mask logits -> (B, C, h, w)."""
        return self.mask_downscaling(logits)

    def embed_no_mask(self) -> Tensor:
        """(1, C, 1, 1), to broadcast over the grid."""
        return self.no_mask_embed.weight[..., None, None]
