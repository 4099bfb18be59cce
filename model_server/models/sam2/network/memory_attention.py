"""Memory attention (SAM 2 section 4 "Memory attention", appendix C).

Shapes: B objects, C = d_model, S = h * w tokens of the stride-16 grid, M = K * S memory tokens of K frames, then
P object-pointer tokens, C_mem memory channels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.rope import rotary_table, rotate

INPUT_CODE_SCALE = 0.1


class RotaryAttention(nn.Module):
    """Single-head attention; queries and the keys that lie on the grid are rotated by their position."""

    def __init__(self, d_model: int, key_channels: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(key_channels, d_model)
        self.v_proj = nn.Linear(key_channels, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, table: Tensor, num_pointers: int = 0) -> Tensor:
        """(B or 1, S, C), (B, M + P, C_key) twice -> (B, S, C); the last `num_pointers` keys have no position."""
        query = rotate(self.q_proj(query), table).expand(key.shape[0], -1, -1)
        key, value = self.k_proj(key), self.v_proj(value)
        placed, pointers = torch.split(key, [key.shape[1] - num_pointers, num_pointers], dim=1)
        key = torch.cat([rotate(placed, table), pointers], dim=1)
        dropout = self.dropout if self.training else 0.0
        attended = F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None], dropout_p=dropout)
        return self.out_proj(attended[:, 0])


class MemoryAttentionLayer(nn.Module):
    """Pre-norm: self-attention, attention to the memory, feed-forward."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        d_model = config.d_model
        self.self_attn = RotaryAttention(d_model, d_model, config.dropout)
        self.cross_attn_image = RotaryAttention(d_model, config.mem_dim, config.dropout)
        self.linear1 = nn.Linear(d_model, config.memory_mlp_dim)
        self.linear2 = nn.Linear(config.memory_mlp_dim, d_model)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, frame: Tensor, key: Tensor, value: Tensor, table: Tensor, num_pointers: int) -> Tensor:
        """(B or 1, S, C) given keys and values (B, M + P, C_mem) -> (B, S, C).

        In the first layer the objects of one frame still are one: their self-attention is done once.
        """
        normed = self.norm1(frame)
        frame = frame + self.drop(self.self_attn(normed, normed, normed, table))
        attended = self.cross_attn_image(self.norm2(frame), key, value, table, num_pointers)
        frame = frame + self.drop(attended)
        hidden = self.drop(F.relu(self.linear1(self.norm3(frame))))
        return frame + self.drop(self.linear2(hidden))


class MemoryAttention(nn.Module):
    """Condition the current frame on the memory bank."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        self.layers = nn.ModuleList(MemoryAttentionLayer(config) for _ in range(config.memory_layers))
        self.norm = nn.LayerNorm(config.d_model)

    def forward(
        self, frame: Tensor, frame_code: Tensor, memory: Tensor, memory_code: Tensor, num_pointers: int
    ) -> Tensor:
        """Frame map and position code (B or 1, C, h, w), memory and its code (B, M + P, C_mem) -> (B, C, h, w)."""
        height, width = frame.shape[-2:]
        table = rotary_table(height, width, frame.shape[1], frame.device)
        tokens = (frame + INPUT_CODE_SCALE * frame_code).flatten(2).transpose(1, 2)
        key = memory + memory_code
        for layer in self.layers:
            tokens = layer(tokens, key, memory, table, num_pointers)
        return self.norm(tokens).transpose(1, 2).unflatten(2, (height, width))
