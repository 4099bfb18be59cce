"""What a kind of model must offer to be one of Maskloom's: to know its files, describe them, and bring them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch

from model_server.models.weight_file import WeightFile
from model_server.segmenter import VideoSegmenter

Precision = Literal["auto", "float32", "bfloat16"]

PutOnDevice = Callable[[], VideoSegmenter]
"""The second, shorter half of loading: moves weights that are in memory onto the device."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Where a model runs, in which numbers, and what it is called."""

    device: torch.device
    precision: Precision = "auto"
    """auto: bfloat16 autocast on a GPU, float32 on a processor."""
    name: str = ""
    """By default that of the configuration."""
    compiles: bool = False
    """Whether the image encoder goes through `torch.compile`, where the model has one."""

    @property
    def autocast(self) -> torch.dtype | None:
        """bfloat16, or None for float32; a processor without instructions for bfloat16 stays with float32."""
        on_gpu = self.device.type == "cuda"
        wanted = self.precision == "bfloat16" or (self.precision == "auto" and on_gpu)
        return torch.bfloat16 if wanted and (on_gpu or processor_has_bfloat16()) else None


@dataclass(frozen=True, slots=True)
class Description:
    """What a file of weights is, found by loading it."""

    preset: str
    """The network's configuration."""
    num_parameters: int
    input_size: int
    """Pixels; frames are scaled to a square of this side."""
    card: str
    """Markdown: data, training, limits."""
    metrics: dict[str, Any] = field(default_factory=dict[str, Any])


class Architecture(Protocol):
    """One kind of model. Every method that takes a file raises a CheckpointError for a bad one."""

    @property
    def name(self) -> str:
        """What the catalogue's descriptions call it."""
        ...

    def recognises(self, file: WeightFile, /) -> bool:
        """Whether a file holds weights of this kind, by the names of its tensors and what it says of itself."""
        ...

    def describe(self, file: WeightFile) -> Description:
        """Load a file, and tell what is in it."""
        ...

    def read(self, file: WeightFile, options: LoadOptions) -> PutOnDevice:
        """Load a file. What is returned puts the model onto its device."""
        ...


def processor_has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 matrices; without (AVX-512 BF16, AMX) it is slower than float32."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))
