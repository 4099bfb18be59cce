"""The memory reader: turns what a session remembers into what the network attends to.

A memory is encoded when something first attends to it.

Shapes: h x w the stride-16 grid, S the input size, C = d_model, C_mem memory channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.memory import AttendedMemory, MemoryRules, Selection
from model_server.models.sam2.network.sam2 import MASK_BIAS, MASK_SCALE, Sam2
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.packed import PackedMask
from model_server.models.sam2.tracking.remembered_frame import RememberedFrame
from model_server.segmenter import Direction

STORED_DTYPE = torch.bfloat16
"""Memory maps are stored rounded, also by the released predictor in float32 runs."""


@dataclass(frozen=True, slots=True)
class MemoryReader:
    """Reads the memories of one video's frames."""

    network: Sam2
    features: FrameFeatures
    geometry: InputGeometry
    rules: MemoryRules
    binarise_prompted: bool

    def attend(
        self, bank: MemoryBank, frame_index: int, direction: Direction, *, with_own: bool = False
    ) -> AttendedMemory | None:
        """What one object brings to a frame; None when it remembers nothing else."""
        selection = bank.select(frame_index, direction, self.rules, with_own=with_own)
        self.encode(bank.attended(selection))
        return self._attended(bank, selection) if selection.maps else None

    def attend_together(
        self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction
    ) -> list[AttendedMemory]:
        """What each of several objects brings to a frame; every one remembers a conditioning frame elsewhere."""
        selections = [bank.select(frame_index, direction, self.rules) for bank in banks]
        pairs = list(zip(banks, selections, strict=True))
        self.encode(remembered for bank, selection in pairs for remembered in bank.attended(selection))
        return [self._attended(bank, selection) for bank, selection in pairs]

    def encode(self, remembered: Iterable[tuple[int, RememberedFrame]]) -> None:
        """Make the memories that are not made yet, those of one frame in one go."""
        batches: dict[tuple[int, bool], list[RememberedFrame]] = {}
        for index, frame in remembered:
            if frame.features is None:
                batches.setdefault((index, self.binarise_prompted and frame.is_certain), []).append(frame)
        for (index, binarise), frames in batches.items():
            self._encode(index, frames, binarise)

    def logits(self, frame: RememberedFrame) -> Tensor:
        """(1, 1, 4h, 4w), remade from the mask on a scale of -10..10 where they were dropped."""
        if frame.logits is not None:
            return frame.logits
        assert frame.mask is not None, "a remembered frame has logits or a mask"
        return self.drawn_logits(frame.mask)

    def drawn_logits(self, mask: PackedMask) -> Tensor:
        """(1, 1, 4h, 4w) of a mask of any size, on a scale of -10..10."""
        logits = self.geometry.mask(mask.unpack()) * MASK_SCALE + MASK_BIAS
        size = self.geometry.input_size // 4
        return F.interpolate(logits, size=(size, size), mode="bilinear", antialias=True)

    def _attended(self, bank: MemoryBank, selection: Selection) -> AttendedMemory:
        maps: list[tuple[int, Tensor]] = []
        for index, slot in selection.maps:
            features = bank.frames[index].features
            assert features is not None, "selected memories are encoded first"
            maps.append((slot, features))
        # Beyond the frames whose images are needed anyway, a seeded frame's pointer is not worth encoding one more.
        pointers = [
            (selection.age(distance), pointer)
            for index, distance in selection.pointers
            if (pointer := bank.frames[index].pointer(self.geometry.device)) is not None
        ]
        return AttendedMemory(maps, pointers)

    def _encode(self, index: int, frames: list[RememberedFrame], binarise: bool) -> None:
        """Memories of several objects on one frame; also makes the pointers of frames that have none yet."""
        image = self.features[index]
        unseen = [frame for frame in frames if frame.pointer(self.geometry.device) is None]
        if unseen:
            pointers = self.network.adopt_mask(image, torch.cat([self._mask(frame) for frame in unseen])).object_pointer
            for frame, pointer in zip(unseen, torch.split(pointers, 1), strict=True):
                frame.object_pointer = pointer.clone()
        scores = torch.tensor([[frame.object_score] for frame in frames], device=self.geometry.device)
        logits = torch.cat([self.logits(frame) for frame in frames])
        memories = self.network.encode_memory(image, logits, scores, binarise=binarise)
        for frame, memory in zip(frames, torch.split(memories, 1), strict=True):
            frame.features = memory.to(STORED_DTYPE, copy=True)

    def _mask(self, frame: RememberedFrame) -> Tensor:
        """(1, 1, S, S) of zeros and ones."""
        if frame.mask is not None:
            return self.geometry.mask(frame.mask.unpack())
        size = (self.geometry.input_size, self.geometry.input_size)
        return (F.interpolate(self.logits(frame), size=size, mode="bilinear") > 0).float()
