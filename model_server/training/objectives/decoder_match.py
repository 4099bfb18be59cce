"""Decoder match: trains the two ends of the mask decoder to fit each other, bypassing its transformer. Ours.

A mask is the product of a hypernetwork's output with upscaled features. Trained only through the transformer, the two
are slow to agree: for a long time masks are blobs around the click, worse than "near, and of the clicked colour". Here
the token that the hypernetwork reads is the clicked feature itself, so that one encoded image provides hundreds of
clicks at almost no cost; the transformer then only has to bring the clicked feature to the token.

Shapes: B images, K objects, N = K * CLICKS prompts per image, S pixels of the square frame, h = w = S / 16.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model_server.models.sam2.network.mask_decoder import NUM_MASKS
from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.network.two_way_transformer import TwoWayLayer
from model_server.training.objectives.losses import MaskLoss, mask_iou

CLICKS = 3  # per object
LOCALITY = 8.0  # penalty in logits per side of the frame, in place of the locality that the transformer has to learn


def matching_loss(
    network: Sam2, features: ImageFeatures, masks: Tensor, mask_loss: MaskLoss, generator: torch.Generator
) -> tuple[Tensor, float]:
    """Scalar loss over the visible of (B, K, S, S) bool masks, and the mean IoU of mask 0, the unambiguous one."""
    size = masks.shape[-1]
    truth = functional.avg_pool2d(masks.float(), 4) >= 0.5  # (B, K, 4h, 4w)
    clicks = _clicks(truth, generator)  # (B, K * CLICKS) cells of the stride-4 grid
    image = features.stride16 + network.no_mem_embed[..., None].transpose(1, 2)
    image = image + network.sam_prompt_encoder.embed_no_mask()
    weights = _weights(network, _at(image, clicks, size // 4))
    upscaled = _upscale(network, image, features)  # (B, C/8, 4h, 4w)
    logits = torch.unflatten(weights.flatten(1, 2) @ upscaled.flatten(2), 1, weights.shape[1:3])  # (B, N, 4, 16hw)
    side = size // 4
    logits = logits - LOCALITY * _distance(clicks, side)[:, :, None]
    logits = torch.unflatten(logits.flatten(0, 1), 2, (side, side))
    target = truth.repeat_interleave(CLICKS, dim=1).flatten(0, 1)[:, None]
    losses = mask_loss(logits, target)  # (B * N, 4)
    visible = target.flatten(1).any(dim=1).to(losses.dtype)
    loss = (losses[:, 0] + losses[:, 1:].amin(dim=1)) / 2
    iou = mask_iou(logits[:, :1], target)[:, 0]
    count = visible.sum().clamp(min=1)
    return (loss * visible).sum() / count, float((iou * visible).sum() / count)


def token_loss(network: Sam2, frame: Tensor, points: Tensor, tokens: Tensor) -> Tensor:
    """(B,) squared distance of the transformer's mask tokens from the clicked feature, which gets no gradient.

    `frame` (B, C, h, w) as given to the decoder, `points` (B, 1, 2) in pixels of the square frame, `tokens` (B, 4, C).
    """
    image = frame + network.sam_prompt_encoder.embed_no_mask()
    return _distance_of_tokens(network, tokens, _read(image, (points + 0.5) / (16 * frame.shape[-2])))


def pooled_token_loss(network: Sam2, features: ImageFeatures, truth: Tensor, tokens: Tensor) -> Tensor:
    """(B,) squared distance of mask tokens from the mean feature of their object; 0 for objects out of sight.

    For decoder calls that do not start from a click, but from memory, a box or a mask. `features` (B, ...) are the
    unconditioned ones that the decoder match was trained on; `truth` (B, S, S) bool, `tokens` (B, 4, C).
    """
    image = features.stride16 + network.no_mem_embed[..., None].transpose(1, 2)
    image = image + network.sam_prompt_encoder.embed_no_mask()
    share = functional.avg_pool2d(truth[:, None].float(), truth.shape[-1] // image.shape[-1])
    size = share.sum(dim=(2, 3))
    mean = (image * share).sum(dim=(2, 3)) / size.clamp(min=1e-6)
    return _distance_of_tokens(network, tokens, mean[:, None]) * (size[:, 0] > 0)


def _distance_of_tokens(network: Sam2, tokens: Tensor, wanted: Tensor) -> Tensor:
    """(B,) mean squared distance of (B, 4, C) tokens from those that would hold the (B, 1, C) features."""
    decoder = network.sam_mask_decoder
    held = [decoder.transformer.norm_final_attn(wanted + token) for token in decoder.mask_tokens.weight]
    return (tokens - torch.cat(held, dim=1).detach()).square().mean(dim=(1, 2))


def _clicks(truth: Tensor, generator: torch.Generator) -> Tensor:
    """(B, K * CLICKS) cells drawn uniformly from each object, or from anywhere if it is out of sight."""
    flat = truth.flatten(2)
    pool = torch.where(flat.any(dim=2, keepdim=True), flat, torch.ones_like(flat)).float()
    drawn = torch.multinomial(pool.flatten(0, 1).cpu(), CLICKS, replacement=True, generator=generator)
    return torch.unflatten(drawn.to(truth.device), 0, truth.shape[:2]).flatten(1)


def _at(image: Tensor, cells: Tensor, side: int) -> Tensor:
    """Interpolate (B, C, h, w) at the centres of (B, N) cells of a side x side grid: (B, N, C)."""
    return _read(image, torch.stack([cells % side + 0.5, cells // side + 0.5], dim=2) / side)


def _read(image: Tensor, positions: Tensor) -> Tensor:
    """Interpolate (B, C, h, w) at (B, N, 2) positions x, y in 0..1: (B, N, C)."""
    grid = (positions * 2 - 1)[:, None].to(image.dtype)
    read = functional.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return read[:, :, 0].transpose(1, 2)


def _weights(network: Sam2, clicked: Tensor) -> Tensor:
    """(B, N, 4, C/8) output of the hypernetworks for tokens that hold (B, N, C) clicked features."""
    decoder = network.sam_mask_decoder
    made: list[Tensor] = []
    for index in range(NUM_MASKS):
        token = decoder.transformer.norm_final_attn(clicked + decoder.mask_tokens.weight[index])
        made.append(decoder.output_hypernetworks_mlps[index](token))
    return torch.stack(made, dim=2)


def _upscale(network: Sam2, image: Tensor, features: ImageFeatures) -> Tensor:
    decoder = network.sam_mask_decoder
    tokens = image.flatten(2).transpose(1, 2)
    for layer in decoder.transformer.layers:
        assert isinstance(layer, TwoWayLayer)
        tokens = layer.norm4(tokens)
    image = torch.unflatten(tokens.transpose(1, 2), 2, image.shape[2:])
    return decoder.upscale(image, features.stride8, features.stride4)


def _distance(cells: Tensor, side: int) -> Tensor:
    """(B, N, side * side) distance of each given cell to all cells, in sides of the frame."""
    cell = torch.arange(side * side, device=cells.device)
    x, y = cell % side, cell // side
    dx, dy = cells[..., None] % side - x, cells[..., None] // side - y
    return torch.sqrt((dx**2 + dy**2).float()) / side
