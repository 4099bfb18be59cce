"""A SAM 2 network ready to open tracking sessions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from model_server.models.sam2.checkpoint import Checkpoint, load
from model_server.models.sam2.image import ImageOptions, ImageSegmenter
from model_server.models.sam2.memory_bank import MemoryRules
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.session import Sam2Session, SessionOptions
from model_server.segmenter import FrameSource, ModelInfo

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


def build(path: Path, device: torch.device, name: str = "") -> Sam2Segmenter:
    """Load weights and place them; raises what `checkpoint.load` does."""
    return segmenter(load(path), device, name)


def segmenter(checkpoint: Checkpoint, device: torch.device, name: str = "") -> Sam2Segmenter:
    """A segmenter in float32 on the CPU, in bfloat16 autocast on a GPU; by default named as its configuration."""
    # Channels last makes encoding a seventh faster on CPUs. The overload is missing from torch's annotations.
    network = checkpoint.network.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    config = network.config
    autocast = torch.bfloat16 if device.type == "cuda" else None
    info = ModelInfo(
        name=name or config.name,
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
