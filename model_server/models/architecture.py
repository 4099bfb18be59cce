"""The protocol of a kind of model: it recognises its files, describes them and loads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch

from model_server.models.weight_file import WeightFile
from model_server.segmenter import VideoSegmenter

Precision = Literal["auto", "float32", "bfloat16"]

PutOnDevice = Callable[[], VideoSegmenter]
"""The second, shorter half of loading: moves weights from memory to the device."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Device, precision and name of a model to load."""

    device: torch.device
    precision: Precision = "auto"
    """auto: bfloat16 autocast on a GPU, float32 on a CPU."""
    name: str = ""
    """By default that of the configuration."""
    compiles: bool = False
    """Whether to compile the image encoder with `torch.compile`, if the model has one."""

    @property
    def autocast(self) -> torch.dtype | None:
        """bfloat16, or None for float32; a CPU without bfloat16 instructions uses float32."""
        on_gpu = self.device.type == "cuda"
        wanted = self.precision == "bfloat16" or (self.precision == "auto" and on_gpu)
        return torch.bfloat16 if wanted and (on_gpu or processor_has_bfloat16()) else None


@dataclass(frozen=True, slots=True)
class Description:
    """The contents of a file of weights, found by loading it."""

    preset: str
    """Name of the network's configuration."""
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
        """Its name in the descriptions of the catalogue."""
        ...

    def recognises(self, file: WeightFile, /) -> bool:
        """Whether a file holds weights of this kind, judging by its tensor names and metadata."""
        ...

    def describe(self, file: WeightFile) -> Description:
        """Load a file and describe its contents."""
        ...

    def read(self, file: WeightFile, options: LoadOptions) -> PutOnDevice:
        """Load a file; the returned function moves the model to its device."""
        ...


def processor_has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 matrices (AVX-512 BF16, AMX); otherwise bfloat16 is slower than float32."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))
