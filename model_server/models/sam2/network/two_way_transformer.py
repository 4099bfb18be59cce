"""Two-way transformer between prompt tokens and image tokens (SAM section 3, appendix A).

Shapes: B objects, T tokens (queries), S = h * w image tokens (keys), C channels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.network.mlp import Mlp

DEPTH = 2
CROSS_ATTENTION_REDUCTION = 2


class Attention(nn.Module):
    """Multi-head attention whose inner width may be smaller than the tokens'."""

    def __init__(self, d_model: int, num_heads: int, reduction: int = 1) -> None:
        super().__init__()
        inner = d_model // reduction
        self.num_heads = num_heads
        self.q_proj = nn.Linear(d_model, inner)
        self.k_proj = nn.Linear(d_model, inner)
        self.v_proj = nn.Linear(d_model, inner)
        self.out_proj = nn.Linear(inner, d_model)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """(B, T, C), (B, S, C), (B, S, C) -> (B, T, C)."""
        query, key, value = (self._heads(x) for x in (self.q_proj(query), self.k_proj(key), self.v_proj(value)))
        return self.out_proj(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, heads, N, C / heads)."""
        return torch.unflatten(x, -1, (self.num_heads, -1)).transpose(1, 2)


class TwoWayLayer(nn.Module):
    """Tokens attend to themselves and to the image, then the image attends to the tokens. Post-norm."""

    def __init__(self, d_model: int, num_heads: int, mlp_dim: int, is_first: bool) -> None:
        super().__init__()
        self.is_first = is_first
        self.self_attn = Attention(d_model, num_heads)
        self.norm1 = nn.LayerNorm(d_model)
        self.cross_attn_token_to_image = Attention(d_model, num_heads, CROSS_ATTENTION_REDUCTION)
        self.norm2 = nn.LayerNorm(d_model)
        self.mlp = Mlp((d_model, mlp_dim, d_model))
        self.norm3 = nn.LayerNorm(d_model)
        self.norm4 = nn.LayerNorm(d_model)
        self.cross_attn_image_to_token = Attention(d_model, num_heads, CROSS_ATTENTION_REDUCTION)

    def forward(self, tokens: Tensor, image: Tensor, token_code: Tensor, image_code: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, C) and (B, S, C), each with its position code -> both, updated."""
        if self.is_first:
            # No position code and no residual: here the tokens are still their own code.
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            coded = tokens + token_code
            tokens = tokens + self.self_attn(coded, coded, tokens)
        tokens = self.norm1(tokens)
        coded_image = image + image_code
        tokens = self.norm2(tokens + self.cross_attn_token_to_image(tokens + token_code, coded_image, image))
        tokens = self.norm3(tokens + self.mlp(tokens))
        image = self.norm4(image + self.cross_attn_image_to_token(coded_image, tokens + token_code, tokens))
        return tokens, image


class TwoWayTransformer(nn.Module):
    """Two layers, then a final attention from the tokens to the image."""

    def __init__(self, d_model: int, num_heads: int, mlp_dim: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TwoWayLayer(d_model, num_heads, mlp_dim, i == 0) for i in range(DEPTH))
        self.final_attn_token_to_image = Attention(d_model, num_heads, CROSS_ATTENTION_REDUCTION)
        self.norm_final_attn = nn.LayerNorm(d_model)

    def forward(self, tokens: Tensor, image: Tensor, image_code: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, C), (B, S, C), (1, S, C) -> tokens (B, T, C) and image (B, S, C)."""
        token_code = tokens
        for layer in self.layers:
            tokens, image = layer(tokens, image, token_code, image_code)
        attended = self.final_attn_token_to_image(tokens + token_code, image + image_code, image)
        return self.norm_final_attn(tokens + attended), image
