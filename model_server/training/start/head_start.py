"""The head start: two short phases before joint training, each for one half of the network. Ours.

Trained together from scratch, the halves block each other: random features hide the click from the decoder, and an
untrained decoder gives the trunk no useful gradient. Separately, both learn within minutes:
- the encoder: similar features within an object, different ones across objects (without a decoder);
- the decoder: "the region with the clicked feature", on random features painted over true masks (without an encoder).

Shapes: B images, K objects, S pixels of the square frame.
"""

# torch types backward and the step of an optimiser partly.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import ImageFeatures, PromptTensors
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.objectives.affinity import STRIDES, Affinity
from model_server.training.objectives.losses import BALANCED, Answer, step_loss
from model_server.training.prompts import initial_click

PROJECTIONS = ("sam_mask_decoder.conv_s0", "sam_mask_decoder.conv_s1")  # trained with the encoder

IMAGES = ClipShape(batch_size=6, num_frames=1, num_targets=6, size=128)


@dataclass(frozen=True, slots=True)
class HeadStartSettings:
    """Length and learning rates, which decay linearly to a tenth."""

    num_steps: int = 500
    encoder_rate: float = 1e-3
    decoder_rate: float = 1e-3
    warmup_steps: int = 50
    report_every: int = 50
    images: ClipShape = IMAGES


def pretrain_encoder(network: Sam2, generator: ClipGenerator, settings: HeadStartSettings) -> float:
    """Train trunk, neck and the decoder's feature projections; returns the mean loss since the last report."""
    affinity = Affinity()
    chosen = [p for n, p in network.named_parameters() if n.startswith(("image_encoder", *PROJECTIONS))]

    def loss(step: int) -> Tensor:
        batch = generator.batch(step, settings.images)
        features = network.encode_image(normalise(batch.frames[:, 0]))
        return affinity(features, batch.masks[:, 0], torch.Generator().manual_seed(step))

    return _descend("encoder", [*chosen, *affinity.parameters()], loss, settings.encoder_rate, settings)


def pretrain_decoder(network: Sam2, generator: ClipGenerator, settings: HeadStartSettings) -> float:
    """Train prompt encoder and mask decoder on painted features; returns the mean loss of the last report."""
    chosen = [
        p
        for n, p in network.named_parameters()
        if n.startswith(("sam_", "no_mem_embed")) and not n.startswith(PROJECTIONS)
    ]

    def loss(step: int) -> Tensor:
        masks = generator.batch(step, settings.images).masks[:, 0]
        random = torch.Generator().manual_seed(step)
        per_object = torch.arange(len(masks)).repeat_interleave(masks.shape[1])
        features = painted_features(network, masks, random).pick(per_object)
        truth = masks.flatten(0, 1)
        points = initial_click(truth, random)
        prompts = PromptTensors(points.coordinates, points.labels)
        ambiguous = step % 2 == 0  # alternately train the three candidates and the single mask
        candidates = network.decode(
            network.condition(features, None), features, prompts, multimask=ambiguous
        ).candidates
        used = slice(1, None) if ambiguous else slice(0, 1)
        target = functional.avg_pool2d(truth[:, None].float(), STRIDES[-1]) >= 0.5
        answer = Answer(candidates.masks[:, used], candidates.predicted_ious[:, used], candidates.object_score)
        return step_loss(answer, target, BALANCED).total()

    return _descend("decoder", chosen, loss, settings.decoder_rate, settings)


def painted_features(network: Sam2, masks: Tensor, generator: torch.Generator) -> ImageFeatures:
    """Features (B, ...) like those of a perfect encoder: a random code per object and one for the rest, with noise."""
    rest = ~masks.any(dim=1, keepdim=True)
    regions = torch.cat([rest, masks], dim=1).float()
    regions = regions / regions.sum(dim=1, keepdim=True)
    strength = 0.35 + 0.6 * float(torch.rand(1, generator=generator))
    d_model = network.config.d_model
    codes = strength * torch.randn(*regions.shape[:2], d_model, generator=generator)
    painted: list[Tensor] = []
    for stride, width in zip(STRIDES, (d_model, d_model // 4, d_model // 8), strict=True):
        # Finer codes are parts of the coarse one, as in a real image, so that masks can be sharper than stride 16.
        shown = codes[..., :width]
        code_map = torch.einsum("brhw,brc->bchw", functional.avg_pool2d(regions, stride), shown)
        painted.append(code_map + 0.1 * torch.randn(code_map.shape, generator=generator))
    return ImageFeatures(*painted)


def _descend(
    name: str,
    parameters: Sequence[nn.Parameter],
    loss_of: Callable[[int], Tensor],
    rate: float,
    settings: HeadStartSettings,
) -> float:
    optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.02)
    recent: list[float] = []
    for step in range(settings.num_steps):
        share = min(1.0, (step + 1) / settings.warmup_steps) * max(0.1, 1 - step / settings.num_steps)
        for group in optimiser.param_groups:
            group["lr"] = rate * share
        loss = loss_of(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        recent = [*recent, loss.item()][-settings.report_every :]
        if (step + 1) % settings.report_every == 0:
            print(f"{name} {step + 1}/{settings.num_steps} loss {sum(recent) / len(recent):.3f}", flush=True)
    return sum(recent) / len(recent)
