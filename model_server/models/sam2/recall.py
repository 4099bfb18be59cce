"""From what a session remembers to what the network attends to; memories are encoded when first needed.

Shapes: h x w the stride-16 grid, S the input size, C = d_model, C_mem memory channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.memory_bank import AttendedMemory, MemoryBank, MemoryRules, RememberedFrame
from model_server.models.sam2.network.sam2 import MASK_BIAS, MASK_SCALE, Sam2
from model_server.models.sam2.prompting import InputGeometry
from model_server.segmenter import Direction

STORED_DTYPE = torch.bfloat16
"""Memory maps are stored rounded, also by the released predictor in float32 runs."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Encodes memories of one video's frames."""

    network: Sam2
    features: FrameFeatures
    geometry: InputGeometry
    rules: MemoryRules
    binarise_prompted: bool

    def attend(self, bank: MemoryBank, frame_index: int, direction: Direction) -> AttendedMemory | None:
        """What one object brings to a frame; None when it remembers nothing else."""
        selection = bank.select(frame_index, direction, self.rules)
        if not selection.maps:
            return None
        maps = [(slot, self._map(index, bank.frames[index])) for index, slot in selection.maps]
        # Beyond the frames whose images are needed anyway, a seeded frame's pointer is not worth encoding one more.
        pointers = [
            (selection.age(distance), pointer)
            for index, distance in selection.pointers
            if (pointer := bank.frames[index].object_pointer) is not None
        ]
        return AttendedMemory(maps, pointers)

    def logits(self, frame: RememberedFrame) -> Tensor:
        """(1, 1, 4h, 4w), remade from the mask on a scale of -10..10 where they were dropped."""
        if frame.logits is not None:
            return frame.logits
        assert frame.mask is not None, "a remembered frame has logits or a mask"
        mask = self.geometry.mask(frame.mask.unpack()) * MASK_SCALE + MASK_BIAS
        size = self.geometry.input_size // 4
        return F.interpolate(mask, size=(size, size), mode="bilinear", antialias=True)

    def _map(self, index: int, frame: RememberedFrame) -> Tensor:
        """(1, C_mem, h, w); also makes the pointer of a seeded frame, which has none yet."""
        if frame.features is None:
            image = self.features[index]
            if frame.object_pointer is None:
                assert frame.mask is not None, "a seeded frame has a mask"
                mask = self.geometry.mask(frame.mask.unpack())
                frame.object_pointer = self.network.adopt_mask(image, mask).object_pointer
            score = torch.tensor([[frame.object_score]], device=self.geometry.device)
            binarise = self.binarise_prompted and frame.is_certain
            memory = self.network.encode_memory(image, self.logits(frame), score, binarise=binarise)
            frame.features = memory.to(STORED_DTYPE)
        return frame.features
