"""The architecture entry of SAM 2, and of networks built on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from model_server.models.architecture import Description, LoadOptions, PutOnDevice
from model_server.models.sam2.build import Sam2Segmenter, segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint, from_file
from model_server.models.sam2.checkpoints.family import SAM2_FAMILY, NetworkFamily
from model_server.models.sam2.checkpoints.huggingface import is_huggingface
from model_server.models.weight_file import WeightFile


@dataclass(frozen=True, slots=True)
class Sam2Architecture:
    """Implements `model_server.models.architecture.Architecture`. Networks of this kind can be trained."""

    name: str
    family: NetworkFamily
    recognises: Callable[[WeightFile], bool]
    segmenter: Callable[[Checkpoint, LoadOptions], Sam2Segmenter]

    def checkpoint(self, file: WeightFile) -> Checkpoint:
        """Load the network in a file. Raises a CheckpointError for a bad one."""
        return from_file(file, self.family)

    def describe(self, file: WeightFile) -> Description:
        """Load a file and describe its contents. Raises a CheckpointError for a bad one."""
        loaded = self.checkpoint(file)
        config = loaded.network.config
        num_parameters = sum(parameter.numel() for parameter in loaded.network.parameters())
        return Description(config.name, num_parameters, config.image_size, loaded.card, loaded.metrics)

    def read(self, file: WeightFile, options: LoadOptions) -> PutOnDevice:
        """Load a file; the returned function moves the network to its device. Raises a CheckpointError."""
        return partial(self.segmenter, self.checkpoint(file), options)


def _is_sam2(file: WeightFile) -> bool:
    names = set(file.tensors)
    return is_huggingface(names) or any(name.startswith("image_encoder.") for name in names)


SAM2 = Sam2Architecture("sam2", SAM2_FAMILY, _is_sam2, segmenter)
