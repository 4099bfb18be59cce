"""Hiera trunk (Ryali et al. 2023; SAM 2 section 4 "Image encoder"; position tables as in Bolya et al. 2023).

Shapes: B images, H x W tokens, C channels (they double where H and W halve), P windows of w x w tokens.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.mlp import Mlp

PATCH_STRIDE = 4
MLP_RATIO = 4
WINDOW_TABLE = 8


class PatchEmbedding(nn.Module):
    """Overlapping 7 x 7 patches, one token every 4 pixels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, channels, kernel_size=7, stride=PATCH_STRIDE, padding=3)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, 4H, 4W) -> (B, H, W, C)."""
        return self.proj(image).permute(0, 2, 3, 1)


class WindowAttention(nn.Module):
    """Self-attention inside each window; the queries may be max-pooled 2 x 2."""

    def __init__(self, channels: int, channels_out: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(channels, 3 * channels_out)
        self.proj = nn.Linear(channels_out, channels_out)

    def forward(self, x: Tensor, pool: bool) -> Tensor:
        """(P, H, W, C) -> (P, H, W, C_out), or half of H and W with `pool`."""
        query, key, value = self.qkv(x).chunk(3, dim=-1)
        if pool:
            query = max_pool(query)
        height, width = query.shape[1:3]
        query, key, value = (self._heads(tokens) for tokens in (query, key, value))
        attended = F.scaled_dot_product_attention(query, key, value)
        return self.proj(attended.transpose(1, 2).flatten(2).unflatten(1, (height, width)))

    def _heads(self, tokens: Tensor) -> Tensor:
        """(P, H, W, C) -> (P, heads, H * W, C / heads)."""
        return torch.unflatten(tokens.flatten(1, 2), -1, (self.num_heads, -1)).transpose(1, 2)


class HieraBlock(nn.Module):
    """Pre-norm transformer block. At the start of a stage the width doubles and the grid halves."""

    def __init__(self, channels: int, channels_out: int, num_heads: int, window: int, drop_path: float) -> None:
        super().__init__()
        self.pools = channels != channels_out
        self.window = window
        self.drop_path = drop_path
        self.norm1 = nn.LayerNorm(channels, eps=1e-6)
        self.attn = WindowAttention(channels, channels_out, num_heads)
        self.norm2 = nn.LayerNorm(channels_out, eps=1e-6)
        self.mlp = Mlp((channels_out, MLP_RATIO * channels_out, channels_out), F.gelu)
        if self.pools:
            self.proj = nn.Linear(channels, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """(B, H, W, C) -> (B, H, W, C) or (B, H/2, W/2, 2C)."""
        normed = self.norm1(x)
        # A changed width projects the normalised tokens, not the incoming ones.
        shortcut = max_pool(self.proj(normed)) if self.pools else x
        x = shortcut + self._drop(self._attend(normed, shortcut.shape[1:3]))
        return x + self._drop(self.mlp(self.norm2(x)))

    def _attend(self, x: Tensor, size_out: torch.Size) -> Tensor:
        if self.window == 0:
            return self.attn(x, self.pools)
        windows, grid = split_windows(x, self.window)
        attended = self.attn(windows, self.pools)
        return join_windows(attended, grid)[:, : size_out[0], : size_out[1]]

    def _drop(self, branch: Tensor) -> Tensor:
        if not self.training or self.drop_path == 0:
            return branch
        keep = torch.rand(branch.shape[0], 1, 1, 1, device=branch.device) >= self.drop_path
        return branch * keep / (1 - self.drop_path)


class Hiera(nn.Module):
    """The hierarchical trunk; returns the output of every stage, finest first."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        channels, heads, depth = config.embed_dim, config.num_heads, sum(config.stages)
        self.pos_embed = nn.Parameter(torch.zeros(1, channels, *config.background_grid))
        self.pos_embed_window = nn.Parameter(torch.zeros(1, channels, WINDOW_TABLE, WINDOW_TABLE))
        self.patch_embed = PatchEmbedding(channels)
        self._stretched: tuple[object, Tensor] | None = None
        self.blocks = nn.ModuleList()
        self.stage_ends: list[int] = []
        window = config.window_sizes[0]
        for stage, num_blocks in enumerate(config.stages):
            for position in range(num_blocks):
                starts = stage > 0 and position == 0
                heads = 2 * heads if starts else heads
                index = len(self.blocks)
                # The first block of a stage still attends in the previous stage's windows.
                size = 0 if index in config.global_attention_blocks else window
                drop_path = config.drop_path * index / max(depth - 1, 1)
                channels_out = 2 * channels if starts else channels
                self.blocks.append(HieraBlock(channels, channels_out, heads, size, drop_path))
                channels, window = channels_out, config.window_sizes[stage]
            self.stage_ends.append(len(self.blocks) - 1)

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, S, S) -> per stage (B, C, H, W), strides 4, 8, 16, 32."""
        x = self.patch_embed(image)
        x = x + self._positions(x.shape[1], x.shape[2])
        outputs: list[Tensor] = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.stage_ends:
                outputs.append(x.permute(0, 3, 1, 2))
        return outputs

    def _positions(self, height: int, width: int) -> Tensor:
        """(1, H, W, C): the coarse table, interpolated to the grid, plus the window table, tiled over it."""
        tables = (self.pos_embed, self.pos_embed_window)
        if torch.compiler.is_compiling() or torch.is_grad_enabled() or any(table.is_inference() for table in tables):
            return self._stretch(height, width)  # in a compiled graph, in training, or if changes leave no trace
        key = (height, width, *((table.device, table.dtype, table.data_ptr(), table._version) for table in tables))
        if self._stretched is None or self._stretched[0] != key:
            self._stretched = (key, self._stretch(height, width))
        return self._stretched[1]

    def _stretch(self, height: int, width: int) -> Tensor:
        stretched = F.interpolate(self.pos_embed, size=(height, width), mode="bicubic")
        repeats = (1, 1, -(-height // WINDOW_TABLE), -(-width // WINDOW_TABLE))
        tiled = self.pos_embed_window.tile(repeats)[:, :, :height, :width]
        return (stretched + tiled).permute(0, 2, 3, 1)


def max_pool(x: Tensor) -> Tensor:
    """(B, H, W, C) -> (B, H/2, W/2, C)."""
    return F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


def split_windows(x: Tensor, window: int) -> tuple[Tensor, tuple[int, int]]:
    """(B, H, W, C) -> (P, w, w, C) and the grid of windows; zero-padded at the bottom and right, without a mask."""
    height, width = x.shape[1:3]
    x = F.pad(x, (0, 0, 0, -width % window, 0, -height % window))
    rows, columns = x.shape[1] // window, x.shape[2] // window
    x = torch.unflatten(torch.unflatten(x, 2, (columns, window)), 1, (rows, window))  # (B, rows, w, columns, w, C)
    return x.transpose(2, 3).flatten(0, 2), (rows, columns)


def join_windows(windows: Tensor, grid: tuple[int, int]) -> Tensor:
    """(P, w, w, C) -> (B, rows * w, columns * w, C), padding included."""
    x = torch.unflatten(windows, 0, (-1, *grid))  # (B, rows, columns, w, w, C)
    return x.transpose(2, 3).flatten(3, 4).flatten(1, 2)
