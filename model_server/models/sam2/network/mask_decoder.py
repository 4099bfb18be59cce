"""Mask decoder (SAM 2 section 4 "Prompt encoder and mask decoder", figure 9).

Shapes: B objects, T prompt tokens, C = d_model channels, h x w the stride-16 grid.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.layer_norm import LayerNorm2d
from model_server.models.sam2.network.mlp import Mlp
from model_server.models.sam2.network.two_way_transformer import TwoWayTransformer

NUM_MASKS = 4
"""Mask 0 answers an unambiguous prompt; masks 1 to 3 are the three candidates for an ambiguous one."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The four masks the decoder proposes for each object; float32 even under autocast, except for the tokens."""

    masks: Tensor  # (B, 4, 4h, 4w) logits
    predicted_ious: Tensor  # (B, 4) in 0..1
    tokens: Tensor  # (B, 4, C), what object pointers are made from
    object_score: Tensor  # (B, 1) logit, positive = visible


class MaskDecoder(nn.Module):
    """Predicts four masks, their IoU and the presence of the object from prompt tokens and image features."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        d_model = config.d_model
        self.transformer = TwoWayTransformer(d_model, config.decoder_heads, config.decoder_mlp_dim)
        self.iou_token = nn.Embedding(1, d_model)
        self.mask_tokens = nn.Embedding(NUM_MASKS, d_model)
        self.obj_score_token = nn.Embedding(1, d_model)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(d_model, d_model // 4, kernel_size=2, stride=2),
            LayerNorm2d(d_model // 4),
            nn.GELU(),
            nn.ConvTranspose2d(d_model // 4, d_model // 8, kernel_size=2, stride=2),
            nn.GELU(),
        )
        self.conv_s0 = nn.Conv2d(d_model, d_model // 8, kernel_size=1)
        self.conv_s1 = nn.Conv2d(d_model, d_model // 4, kernel_size=1)
        self.output_hypernetworks_mlps = nn.ModuleList(
            Mlp((d_model, d_model, d_model, d_model // 8)) for _ in range(NUM_MASKS)
        )
        hidden = config.iou_head_dim
        self.iou_prediction_head = Mlp((d_model, hidden, hidden, NUM_MASKS))
        self.pred_obj_score_head = Mlp((d_model, d_model, d_model, 1))

    def forward(
        self, image: Tensor, image_code: Tensor, prompts: Tensor, stride8: Tensor, stride4: Tensor
    ) -> Candidates:
        """Decode B objects at once.

        image (B, C, h, w) with the dense prompt added, image_code (1, C, h, w), prompts (B, T, C); stride8
        (B or 1, C/4, 2h, 2w) and stride4 (B or 1, C/8, 4h, 4w) as projected by `conv_s1` and `conv_s0`.
        """
        batch, _, height, width = image.shape
        learned = torch.cat([self.obj_score_token.weight, self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([learned.expand(batch, -1, -1), prompts], dim=1)  # (B, 6 + T, C)
        tokens, image = self.transformer(tokens, as_tokens(image), as_tokens(image_code))
        mask_tokens = tokens[:, 2 : 2 + NUM_MASKS]
        image = torch.unflatten(image.transpose(1, 2), 2, (height, width))
        upscaled = self.upscale(image, stride8, stride4)  # (B, C/8, 4h, 4w)
        weights = [mlp(mask_tokens[:, i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)]
        masks = torch.stack(weights, dim=1) @ upscaled.flatten(2)
        return Candidates(
            masks=torch.unflatten(masks, 2, upscaled.shape[-2:]).float(),
            predicted_ious=self.iou_prediction_head(tokens[:, 1]).float().sigmoid(),
            tokens=mask_tokens,
            object_score=self.pred_obj_score_head(tokens[:, 0]).float(),
        )

    def upscale(self, image: Tensor, stride8: Tensor, stride4: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C/8, 4h, 4w), adding the stride-8 and stride-4 feature maps on the way."""
        to_stride8, norm, _, to_stride4, _ = self.output_upscaling
        upscaled = F.gelu(norm(to_stride8(image) + stride8))
        return F.gelu(to_stride4(upscaled) + stride4)


def as_tokens(feature_map: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H * W, C)."""
    return feature_map.flatten(2).transpose(1, 2)
