"""A double of time, not of results: every call is written down and waits until the test lets it through."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model_server.mask_search import AutomaticMask, AutomaticOptions
from model_server.segmenter import Direction, FramePrompt, FrameResult, FrameSource, ModelInfo, StoredFrame


@dataclass
class Gate:
    """What was called, in order, and how many calls of `track` and `prompt` may go through."""

    calls: list[str] = field(default_factory=list)
    passes: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    waiting: int = 0

    def enter(self, call: str) -> None:
        self.calls.append(call)
        self.waiting += 1
        assert self.passes.acquire(timeout=30), f"{call} was never let through"
        self.waiting -= 1

    def let_through(self, count: int) -> None:
        self.passes.release(count)


@dataclass
class GatedSearch:
    """Four steps that find nothing."""

    gate: Gate
    frame_index: int
    asked: int = 0
    total: int = 4

    def step(self) -> bool:
        self.gate.enter(f"search {self.frame_index}")
        self.asked += 1
        return self.asked < self.total

    def found(self) -> list[AutomaticMask]:
        return []


@dataclass
class GatedSession:
    gate: Gate
    source: FrameSource

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        self.gate.enter(f"prompt {object_id} {frame_index}")
        if object_id == "broken":
            raise RuntimeError("the device ran out of memory")
        return self._result(object_id, frame_index)

    def track(self, object_id: str, frame_index: int, direction: Direction) -> FrameResult:
        return self.track_together([object_id], frame_index, direction)[0]

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        self.gate.enter(f"track {'+'.join(object_ids)} {frame_index}")
        return [self._result(object_id, frame_index) for object_id in object_ids]

    def warm(self, frame_index: int) -> None:
        self.gate.enter(f"warm {frame_index}")

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        self.gate.calls.append(f"clear {object_id} {frame_index}")

    def search(self, frame_index: int, options: AutomaticOptions) -> GatedSearch:
        return GatedSearch(self.gate, frame_index)

    def seed(self, object_id: str, stored: StoredFrame) -> None:
        self.gate.calls.append(f"seed {object_id} {stored.frame_index}")

    def forget_object(self, object_id: str) -> None:
        self.gate.calls.append(f"forget {object_id}")

    def drop_caches(self) -> None:
        self.gate.calls.append("drop caches")

    def memory_bytes(self) -> int:
        return 0

    def _result(self, object_id: str, frame_index: int) -> FrameResult:
        mask = np.zeros((self.source.height, self.source.width), dtype=bool)
        return FrameResult(frame_index, object_id, mask, np.zeros((1, 1), np.float32), 0.5, 1.0, 1.0)


@dataclass
class GatedSegmenter:
    """Opens sessions on one gate; warming the model up passes freely."""

    gate: Gate
    info: ModelInfo = field(
        default_factory=lambda: ModelInfo("gated", "0", "gated", 1, 0, "cpu", "float32", "A double of time.")
    )

    def open(self, source: FrameSource) -> GatedSession:
        if source.width == 64:
            free = Gate()
            free.let_through(1000)
            return GatedSession(free, source)
        return GatedSession(self.gate, source)
