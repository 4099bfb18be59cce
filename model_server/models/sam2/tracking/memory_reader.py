"""The memory reader: turns remembered frames into the tensors that the network attends to.

A memory is encoded when a frame first attends to it.

Shapes: h x w the stride-16 grid, S the input size, C = d_model, C_mem memory channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.masks.packed_mask import PackedMask
from model_server.models.sam2.frame_features import FrameFeatures
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.memory import AttendedMemory, MemoryRules, Selection
from model_server.models.sam2.network.sam2 import MASK_BIAS, MASK_SCALE, Sam2
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.remembered_frame import RememberedFrame
from model_server.segmenter import Direction

STORED_DTYPE = torch.bfloat16
"""Memory maps are stored in bfloat16, as by the released predictor even in float32 runs."""


@dataclass(frozen=True, slots=True)
class MemoryReader:
    """Reads, and on first use encodes, the memories of one video."""

    network: Sam2
    features: FrameFeatures
    geometry: InputGeometry
    rules: MemoryRules
    binarise_prompted: bool

    def attend(
        self, bank: MemoryBank, frame_index: int, direction: Direction, *, with_own: bool = False
    ) -> AttendedMemory | None:
        """The memories of one object for a frame; None if it has none. With batch 1."""
        selection = bank.select(frame_index, direction, self.rules, with_own=with_own)
        self.encode(bank.attended(selection))
        return self._attended(bank, selection) if selection.maps else None

    def attend_together(
        self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction
    ) -> list[AttendedMemory]:
        """The memories of several objects for a frame, each with batch 1; all have a conditioning frame elsewhere."""
        selections = [bank.select(frame_index, direction, self.rules) for bank in banks]
        pairs = list(zip(banks, selections, strict=True))
        self.encode(remembered for bank, selection in pairs for remembered in bank.attended(selection))
        return [self._attended(bank, selection) for bank, selection in pairs]

    def encode(self, remembered: Iterable[tuple[int, RememberedFrame]]) -> None:
        """Encode the missing memories, one batch per frame."""
        batches: dict[tuple[int, bool], list[RememberedFrame]] = {}
        for index, frame in remembered:
            if frame.features is None:
                batches.setdefault((index, self.binarise_prompted and frame.is_certain), []).append(frame)
        for (index, binarise), frames in batches.items():
            self._encode(index, frames, binarise)

    def logits(self, frame: RememberedFrame) -> Tensor:
        """(1, 1, 4h, 4w) logits; if they were shed, the mask on a scale of -10..10."""
        if frame.logits is not None:
            return frame.logits
        assert frame.mask is not None, "a remembered frame has logits or a mask"
        return self.drawn_logits(frame.mask)

    def drawn_logits(self, mask: PackedMask) -> Tensor:
        """A mask of any size -> (1, 1, 4h, 4w) logits on a scale of -10..10."""
        logits = self.geometry.mask(mask.unpack()) * MASK_SCALE + MASK_BIAS
        size = self.geometry.input_size // 4
        return F.interpolate(logits, size=(size, size), mode="bilinear", antialias=True)

    def _attended(self, bank: MemoryBank, selection: Selection) -> AttendedMemory:
        maps: list[tuple[int, Tensor]] = []
        for index, slot in selection.maps:
            features = bank.frames[index].features
            assert features is not None, "selected memories are encoded first"
            maps.append((slot, features))
        # A seeded frame without a pointer is skipped: encoding its image for that alone is not worth the time.
        pointers = [
            (selection.age(distance), pointer)
            for index, distance in selection.pointers
            if (pointer := bank.frames[index].pointer(self.geometry.device)) is not None
        ]
        return AttendedMemory(maps, pointers)

    def _encode(self, index: int, frames: list[RememberedFrame], binarise: bool) -> None:
        """Encode the memories of several objects on one frame, and the pointers of those that have none yet."""
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
