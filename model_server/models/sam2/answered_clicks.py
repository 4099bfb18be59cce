"""Answers to the clicks of recent prompt sets: an added click refines the answer to those before it, in one pass.

Shapes: C = d_model, C_mem memory channels, h x w the stride-16 grid.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from model_server.models.sam2.memory import AttendedMemory
from model_server.models.sam2.network.prediction import FramePrediction
from model_server.segmenter import FramePrompt

MAX_BYTES = 16 * 2**20
"""Of logits: 64 clicks in 1024 pixels, all there may be in 384."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the clicks on a frame begin with: memories that it attends to, and logits that they refine, if any."""

    frame_index: int
    memory: AttendedMemory | None = None
    base: Tensor | None = None  # (1, 1, 4h, 4w) within +-32

    def digest(self) -> bytes:
        """The same for equal contents, wherever they are stored: the tensors themselves need not be kept."""
        said = hashlib.blake2b(str(self.frame_index).encode(), digest_size=16)
        if self.memory is not None:
            for place, x in (*self.memory.maps, *self.memory.pointers):
                said.update(f" {place} ".encode())
                said.update(_bytes(x))
        if self.base is not None:
            said.update(b" base ")
            said.update(_bytes(self.base))
        return said.digest()


class AnsweredClicks:
    """Predictions by beginning and prompt set, without their candidates' masks; the least recently used are dropped."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._answers: OrderedDict[tuple[bytes, FramePrompt], FramePrediction] = OrderedDict()
        self._bytes = 0

    def latest(self, beginning: bytes, each: Sequence[FramePrompt]) -> tuple[int, FramePrediction | None]:
        """How many of these growing prompt sets are answered, and the answer to the last of those."""
        for count in range(len(each), 0, -1):
            key = (beginning, each[count - 1])
            if key in self._answers:
                self._answers.move_to_end(key)
                return count, self._answers[key]
        return 0, None

    def add(self, beginning: bytes, prompt: FramePrompt, answer: FramePrediction) -> None:
        """Remember an answer."""
        candidates = replace(answer.candidates, masks=answer.candidates.masks[..., :0, :0].clone())
        self._answers[beginning, prompt] = replace(answer, candidates=candidates)
        self._bytes += _size(answer)
        while self._bytes > self._max_bytes and len(self._answers) > 1:
            _key, oldest = self._answers.popitem(last=False)
            self._bytes -= _size(oldest)

    def clear(self) -> None:
        """Drop all answers."""
        self._answers.clear()
        self._bytes = 0

    def num_bytes(self) -> int:
        """Bytes held."""
        return self._bytes


def _size(answer: FramePrediction) -> int:
    return answer.logits.numel() * answer.logits.element_size()


def _bytes(x: Tensor) -> bytes:
    return x.contiguous().cpu().flatten().view(torch.uint8).numpy().tobytes()
