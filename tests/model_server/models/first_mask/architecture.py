"""The whole of a kind of model that repeats an object's first mask on every frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from model_server.mask_search import AutomaticMask, AutomaticOptions
from model_server.models.architecture import Description, LoadOptions
from model_server.models.problems import WrongArchitecture
from model_server.models.weight_file import WeightFile, version_of
from model_server.segmenter import Direction, FramePrompt, FrameResult, FrameSource, ModelInfo, StoredFrame

NAME = "first-mask"
CARD = "# First mask\n\nKnows one thing."


def write_weights(path: Path, side: float) -> Path:
    """A file with one number: the side, in pixels, of the square around a click."""
    save_file({"side": torch.tensor([side])}, path, {"architecture": NAME, "card": CARD})
    return path


class FirstMask:
    """Implements `model_server.models.architecture.Architecture`."""

    name = NAME

    def recognises(self, file: WeightFile, /) -> bool:
        return file.metadata.get("architecture") == NAME

    def describe(self, file: WeightFile) -> Description:
        return Description("square", _side(file).numel(), 1, file.metadata["card"])

    def read(self, file: WeightFile, options: LoadOptions) -> Callable[[], "FirstMaskSegmenter"]:
        side = float(_side(file)[0])
        name = options.name or "square"
        device = str(options.device)
        info = ModelInfo(name, version_of(file.path), "square", 1, 1, device, "float32", file.metadata["card"])
        return lambda: FirstMaskSegmenter(info, side)


def _side(file: WeightFile) -> torch.Tensor:
    if file.tensors.keys() != {"side"}:
        raise WrongArchitecture(f"{file.path.name} has other weights than a side")
    return file.tensors["side"]


@dataclass(frozen=True)
class FirstMaskSegmenter:
    info: ModelInfo
    side: float

    def open(self, source: FrameSource) -> "FirstMaskSession":
        return FirstMaskSession(source, self.side)


@dataclass(frozen=True)
class NothingFound:
    asked: int = 0
    total: int = 0

    def step(self) -> bool:
        return False

    def found(self) -> list[AutomaticMask]:
        return []


@dataclass
class FirstMaskSession:
    source: FrameSource
    side: float
    known: dict[str, FrameResult] = field(default_factory=dict)

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        mask = self._drawn(prompt) if prompt.mask is None else prompt.mask
        logits = np.where(mask, 1, -1).astype(np.float32)
        self.known[object_id] = FrameResult(frame_index, object_id, mask, logits, 0.5, 1.0, 1.0)
        return self.known[object_id]

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        if object_id in self.known and self.known[object_id].frame_index == frame_index:
            del self.known[object_id]

    def track(self, object_id: str, frame_index: int, direction: Direction) -> FrameResult:
        return self.track_together([object_id], frame_index, direction)[0]

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        if not self.known.keys() >= set(object_ids):
            raise ValueError("an object was never prompted")
        return [replace(self.known[object_id], frame_index=frame_index) for object_id in object_ids]

    def search(self, frame_index: int, options: AutomaticOptions) -> NothingFound:
        self.source.rgb(frame_index)
        return NothingFound()

    def seed(self, object_id: str, stored: StoredFrame) -> None:
        self.prompt(object_id, stored.frame_index, FramePrompt(mask=stored.mask.unpack()))

    def forget_object(self, object_id: str) -> None:
        self.known.pop(object_id, None)

    def warm(self, frame_index: int) -> None:
        pass

    def drop_caches(self) -> None:
        pass

    def memory_bytes(self) -> int:
        return sum(result.mask.nbytes for result in self.known.values())

    def _drawn(self, prompt: FramePrompt) -> np.ndarray:
        y, x = np.mgrid[: self.source.height, : self.source.width]
        drawn = np.zeros((self.source.height, self.source.width), bool)
        for click in prompt.clicks:
            drawn[(abs(y - click.y) <= self.side / 2) & (abs(x - click.x) <= self.side / 2)] = click.positive
        if prompt.box is not None:
            drawn |= (y >= prompt.box.y0) & (y < prompt.box.y1) & (x >= prompt.box.x0) & (x < prompt.box.x1)
        return drawn
