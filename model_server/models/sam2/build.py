"""Builds a segmenter from a checkpoint: the network on its device, ready to open sessions."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from model_server.models.architecture import LoadOptions
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.compilation import compile_encoder
from model_server.models.sam2.images.image_segmenter import ImageOptions, ImageSegmenter
from model_server.models.sam2.memory import MemoryRules
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.tracking.session import Sam2Session, SessionOptions
from model_server.models.sam2.tracking.tracker import OpenTracker, Sam2Tracker
from model_server.segmenter import FrameSource, ModelInfo

MAX_CONDITIONING = 4
"""Ours: a masklet attends to its four nearest prompts only, so that many corrections do not slow it down."""


@dataclass(frozen=True, slots=True)
class Sam2Segmenter:
    """Implements `model_server.segmenter.VideoSegmenter`."""

    info: ModelInfo
    network: Sam2
    options: SessionOptions
    open_tracker: OpenTracker = Sam2Tracker

    def open(self, source: FrameSource) -> Sam2Session:
        """Open a tracking session on a video."""
        return Sam2Session(self.network, source, self.options, self.open_tracker)

    def images(self) -> ImageSegmenter:
        """Return a segmenter of single images that shares the network; it also serves automatic masks."""
        return ImageSegmenter(self.network, ImageOptions(self.options.stability_fallback, self.options.autocast))


def segmenter(checkpoint: Checkpoint, options: LoadOptions, open_tracker: OpenTracker | None = None) -> Sam2Segmenter:
    """Move a checkpoint's network to its device and wrap it in a segmenter; by default it tracks as in the paper."""
    device, autocast = options.device, options.autocast
    # On CPUs encoding is a seventh faster in channels-last layout. torch's annotations lack this overload.
    network = checkpoint.network
    network.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    if options.compiles:
        compile_encoder(network, autocast)
    config = network.config
    info = ModelInfo(
        name=options.name or config.name,
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
    return Sam2Segmenter(info, network, SessionOptions(rules, autocast=autocast), open_tracker or Sam2Tracker)
