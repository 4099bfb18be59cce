"""AdamW with layer decay, the learning-rate schedule, and the moving average of the weights (SAM 2 appendix D.2)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn

TRUNK_BLOCK = re.compile(r"image_encoder\.trunk\.blocks\.(\d+)\.")

DECODER = ("sam_prompt_encoder.", "sam_mask_decoder.")


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """Learning rates, their schedule and the regularisation of AdamW."""

    learning_rate: float = 6e-4
    encoder_rate: float = 1.0  # of the learning rate, for trunk and neck
    decoder_rate: float = 1.0  # of the learning rate, for prompt encoder and mask decoder
    layer_decay: float = 1.0  # per trunk block, counted from the last; 1 is none
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    warmup_steps: int = 200
    final_rate: float = 0.05  # of the peak, at the end of the cosine
    timescale: int = 0  # steps; if set, an inverse square root with this time scale replaces the cosine
    cooldown_steps: int = 0  # with a timescale: steps of the final linear decay to 0
    second_moment: float = 0.98  # beta 2 of AdamW; the paper's 0.999 is too slow for a few hundred steps


def build_optimiser(network: nn.Module, settings: OptimiserSettings) -> torch.optim.AdamW:
    """AdamW with a parameter group per (rate, decay); norms, biases, tokens and position tables are not decayed."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    num_blocks = 1 + max((int(m[1]) for n, _ in network.named_parameters() if (m := TRUNK_BLOCK.match(n))), default=0)
    for name, parameter in network.named_parameters():
        rate = parameter_rate(name, num_blocks, settings)
        decayed = parameter.ndim >= 2 and name.endswith(".weight") and "embed" not in name and "token" not in name
        groups.setdefault((rate, settings.weight_decay if decayed else 0.0), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": parameters, "lr": rate * settings.learning_rate, "rate": rate, "weight_decay": decay}
            for (rate, decay), parameters in groups.items()
        ],
        betas=(0.9, settings.second_moment),
    )


def parameter_rate(name: str, num_blocks: int, settings: OptimiserSettings) -> float:
    """Share of the learning rate: lower for earlier trunk blocks; position tables are exempt, as in the paper."""
    if not name.startswith("image_encoder."):
        return settings.decoder_rate if name.startswith(DECODER) else 1.0
    if block := TRUNK_BLOCK.match(name):
        return settings.encoder_rate * settings.layer_decay ** (num_blocks - 1 - int(block[1]))
    if name.startswith("image_encoder.trunk.patch_embed"):
        return settings.encoder_rate * settings.layer_decay**num_blocks
    return settings.encoder_rate


def scheduled_rate(step: int, num_steps: int, settings: OptimiserSettings) -> float:
    """Share of the peak rate at a step: linear warm-up, then half a cosine to `final_rate`, or an inverse root."""
    if step < settings.warmup_steps:
        return (step + 1) / settings.warmup_steps
    if settings.timescale:
        root = math.sqrt(settings.timescale / (settings.timescale + step - settings.warmup_steps))
        return root * min(1.0, (num_steps - step) / max(1, settings.cooldown_steps))
    progress = (step - settings.warmup_steps) / max(1, num_steps - settings.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return settings.final_rate + (1 - settings.final_rate) * cosine


def set_rate(optimiser: torch.optim.Optimizer, share: float, settings: OptimiserSettings) -> None:
    """Set the rate of every group to a share of its peak."""
    for group in optimiser.param_groups:
        group["lr"] = share * group["rate"] * settings.learning_rate


class WeightAverage:
    """Exponential moving average of the weights, with a shorter horizon at first so that early weights fade."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.num_updates = 0
        self.state: dict[str, Tensor] = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move the average towards the current weights."""
        self.num_updates += 1
        decay = min(self.decay, (1 + self.num_updates) / (10 + self.num_updates))
        for name, value in network.state_dict().items():
            self.state[name].lerp_(value, 1 - decay)
