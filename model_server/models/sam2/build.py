"""A SAM 2 network ready to open tracking sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import torch

from model_server.models.sam2.checkpoints.checkpoint import Checkpoint, load
from model_server.models.sam2.compilation import compile_encoder
from model_server.models.sam2.images.image_segmenter import ImageOptions, ImageSegmenter
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.tracking.memory_bank import MemoryRules
from model_server.models.sam2.tracking.session import Sam2Session, SessionOptions
from model_server.segmenter import FrameSource, ModelInfo

Precision = Literal["auto", "float32", "bfloat16"]

MAX_CONDITIONING = 4
"""A much-corrected masklet attends to its four nearest prompts: time stays flat, and near ones know best."""


@dataclass(frozen=True, slots=True)
class Sam2Segmenter:
    """Implements `model_server.segmenter.VideoSegmenter`."""

    info: ModelInfo
    network: Sam2
    options: SessionOptions

    def open(self, source: FrameSource) -> Sam2Session:
        """Start tracking in a video."""
        return Sam2Session(self.network, source, self.options)

    def images(self) -> ImageSegmenter:
        """The same network for single images, and for automatic masks."""
        return ImageSegmenter(self.network, ImageOptions(self.options.stability_fallback, self.options.autocast))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a network runs, in which numbers, and what it is called."""

    device: torch.device
    precision: Precision = "auto"
    """auto: bfloat16 autocast on a GPU, float32 on a processor."""
    name: str = ""
    """By default that of the configuration."""
    compiles: bool = False
    """Whether the image encoder goes through `torch.compile` when it is placed."""

    @property
    def autocast(self) -> torch.dtype | None:
        """bfloat16, or None for float32; a processor without instructions for bfloat16 stays with float32."""
        on_gpu = self.device.type == "cuda"
        wanted = self.precision == "bfloat16" or (self.precision == "auto" and on_gpu)
        return torch.bfloat16 if wanted and (on_gpu or processor_has_bfloat16()) else None


def processor_has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 matrices; without (AVX-512 BF16, AMX) it is slower than float32."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def build(path: Path, device: torch.device, name: str = "") -> Sam2Segmenter:
    """Load weights and place them; raises what `checkpoint.load` does."""
    return segmenter(load(path), Placement(device, name=name))


def read(path: Path, placement: Placement) -> Callable[[], Sam2Segmenter]:
    """Load weights now and place them when called; raises what `checkpoint.load` does."""
    return partial(segmenter, load(path), placement)


def segmenter(checkpoint: Checkpoint, placement: Placement | torch.device) -> Sam2Segmenter:
    """A segmenter where it is told to run; a device alone means `Placement(device)`."""
    if isinstance(placement, torch.device):
        placement = Placement(placement)
    device, autocast = placement.device, placement.autocast
    # Channels last makes encoding a seventh faster on CPUs. The overload is missing from torch's annotations.
    network = checkpoint.network.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    if placement.compiles:
        compile_encoder(network, autocast)
    config = network.config
    info = ModelInfo(
        name=placement.name or config.name,
        version=checkpoint.version,
        config_name=config.name,
        input_size=config.image_size,
        num_parameters=sum(parameter.numel() for parameter in network.parameters()),
        device=str(device),
        precision="float32" if autocast is None else "bfloat16",
        card=checkpoint.card,
        metrics=checkpoint.metrics,
    )
    rules = MemoryRules(config.memory_slots, config.max_object_pointers, max_conditioning=MAX_CONDITIONING)
    return Sam2Segmenter(info, network, SessionOptions(rules, autocast=autocast))
