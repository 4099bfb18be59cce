"""Scores memory attention as label propagation (as in Jabri et al. 2020). Ours.

A cell of the frame should attend to the cells of its own object in the memory, and a background cell to background.
Through the masks of the decoder a network learns that very slowly. So the attention weights propagate the true masks of
the remembered frames to the frame, and the result is scored against its true mask.

Shapes: B objects, M remembered maps, H x W pixels of the square frame, h = w = H / 16, S = h * w.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.hooks import RemovableHandle

from model_server.models.sam2.network.memory_attention import MemoryAttention, MemoryAttentionLayer, RotaryAttention
from model_server.models.sam2.network.rope import rotate
from model_server.training.objectives.losses import MaskLoss

STRIDE = 16
DOUBT = 0.01  # shares are clamped to this distance from 0 and 1, whose logits are infinite

AttentionCall = tuple[RotaryAttention, tuple[Any, ...]]
"""A module and the arguments of the call."""


@contextmanager
def attention_calls(attention: MemoryAttention) -> Generator[list[AttentionCall]]:
    """Record the calls of every layer's memory attention, in order, within the context."""
    calls: list[AttentionCall] = []

    def note(module: nn.Module, arguments: tuple[Any, ...]) -> None:
        assert isinstance(module, RotaryAttention)
        calls.append((module, arguments))

    handles: list[RemovableHandle] = []
    for layer in attention.layers:
        assert isinstance(layer, MemoryAttentionLayer)
        handles.append(layer.cross_attn_image.register_forward_pre_hook(note))
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def propagation_loss(calls: Sequence[AttentionCall], remembered: Tensor, truth: Tensor, mask_loss: MaskLoss) -> Tensor:
    """Scalar loss: mean over layers and over objects that cover half a cell, both in the memory and in the frame.

    `remembered` (B, M, H, W) bool, true masks in the order of the memory maps; `truth` (B, H, W) bool.
    """
    labels = functional.avg_pool2d(remembered.float(), STRIDE)  # (B, M, h, w)
    target = functional.avg_pool2d(truth[:, None].float(), STRIDE) >= 0.5  # (B, 1, h, w)
    counts = (target.flatten(1).any(dim=1) & (labels >= 0.5).flatten(1).any(dim=1)).float()
    losses: list[Tensor] = []
    for module, (query, key, _, table, num_pointers) in calls:
        weights = attention_weights(module, query, key[:, : key.shape[1] - num_pointers], table)
        carried = (weights @ labels.flatten(1)[..., None])[..., 0]  # (B, S)
        logits = torch.unflatten(carried.clamp(DOUBT, 1 - DOUBT).logit(), 1, target.shape[-2:])[:, None]
        losses.append((mask_loss(logits, target)[:, 0] * counts).sum() / counts.sum().clamp(min=1))
    return torch.stack(losses).mean()


def attention_weights(module: RotaryAttention, query: Tensor, key: Tensor, table: Tensor) -> Tensor:
    """(B or 1, S, C) queries and spatial keys (B, M * S, C_mem) -> (B, S, M * S) softmax weights."""
    query, key = rotate(module.q_proj(query), table), rotate(module.k_proj(key), table)
    return (query @ key.transpose(1, 2) * query.shape[-1] ** -0.5).float().softmax(dim=-1)
