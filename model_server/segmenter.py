"""The interface of a model that segments videos: dataclasses and Protocols on numpy alone.

Pixel space: everything is in pixels of the video of record. Points are pixel indices (the centre of the top-left
pixel is 0, 0), x to the right, y down. Masks are boolean arrays (height, width).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from model_server.mask_search import AutomaticOptions, MaskSearch
from model_server.masks.packed_mask import PackedMask

T = TypeVar("T")
Mask = NDArray[np.bool_]
Steps = Generator[None, None, T]
"""Work in steps, so that other work can come in between. The last step returns the value."""
Direction = Literal["forward", "backward"]
PromptContent = Literal["points", "mask"]
"""Points are clicks and at most one box, which SAM treats as two points; a mask excludes both."""
NUM_CANDIDATES = 3
"""Masks offered for an ambiguous prompt: one click may mean a part, an object or a group (SAM, section 3)."""


@dataclass(frozen=True, slots=True)
class Click:
    """One click; negative clicks say "not this"."""

    x: float
    y: float
    positive: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its corners, `x0 <= x1` and `y0 <= y1`."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class FramePrompt:
    """The complete prompt set of one object on one frame. A mask excludes clicks and a box."""

    clicks: tuple[Click, ...] = ()
    box: Box | None = None
    mask: Mask | None = None
    candidate: int | None = None
    """The candidate chosen for the first click, 0 to 2 in the model's order; by default the model's own choice.

    A single click is answered with this candidate, and further clicks refine it. A box or a mask has no candidates.
    """
    memory: bool = True
    """Whether clicks and a box are conditioned on the object's memory and refine the frame's earlier mask.

    Otherwise they are answered from the image alone, as in SAM, and the result is remembered like a given mask:
    phases 1 and 2 of the data engine (SAM 2, section 5.1). A given mask is never conditioned on memory.
    """

    @property
    def kind(self) -> PromptContent:
        """Whether the prompt consists of points or a mask."""
        return "points" if self.mask is None else "mask"

    def __post_init__(self) -> None:
        """Raise ValueError for an empty prompt, a mask with clicks or a box, or a candidate with nothing to choose."""
        drawn = bool(self.clicks) or self.box is not None
        if drawn == (self.mask is not None):
            raise ValueError("a frame prompt is either a mask, or clicks and at most one box")
        if self.candidate is None:
            return
        if not self.clicks or self.box is not None:
            raise ValueError("only clicks without a box have candidates to choose from")
        if not 0 <= self.candidate < NUM_CANDIDATES:
            raise ValueError(f"candidate {self.candidate} is not one of the {NUM_CANDIDATES} for a click")


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A stored frame of an object, to restore it in a new session. There may be thousands; few are looked at."""

    frame_index: int
    mask: PackedMask
    object_score: float
    conditioning: bool
    answers_prompts: bool = False
    """Whether the mask answers clicks or a box; the next prompt then refines `base`, not this mask."""
    base: PackedMask | None = None
    """The mask that those prompts refined; None if they started from nothing."""


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The mask of one object on one frame, with its scores."""

    frame_index: int
    object_id: str
    mask: Mask
    low_res_logits: NDArray[np.float32]
    """The network's output, before it is scaled to the video; -1024 everywhere if the object is absent."""
    predicted_iou: float
    object_score: float
    """Logit, positive = visible; otherwise `mask` is empty."""
    stability: float
    """0..1: IoU of the masks at a higher and a lower threshold."""
    candidate: int | None = None
    """Index of the candidate shown, 0 to 2; None if there was only one mask."""
    candidate_ious: tuple[float, ...] = ()
    """Predicted IoU of each mask on offer: three candidates, or one."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Description of a loaded model."""

    name: str
    version: str
    """First 12 hexadecimal digits of the SHA-256 of the weights."""
    config_name: str
    input_size: int
    num_parameters: int
    device: str
    precision: str
    card: str
    """Markdown: data, training, limits."""
    metrics: dict[str, Any] = field(default_factory=dict[str, Any])


class FrameSource(Protocol):
    """A video whose frames are decoded on demand."""

    @property
    def num_frames(self) -> int:
        """Frames in the video of record."""
        ...

    @property
    def height(self) -> int:
        """Rows."""
        ...

    @property
    def width(self) -> int:
        """Columns."""
        ...

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """Decode one frame: (height, width, 3) uint8 RGB."""
        ...


class TrackingSession(Protocol):
    """The state of one open video in the model. Objects are independent of each other. Not thread-safe."""

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        """Apply the complete prompt set of a frame, replacing earlier ones; the frame becomes conditioning."""
        ...

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        """Forget the object's prompt and memory on this frame."""
        ...

    def track(self, object_id: str, frame_index: int, direction: Direction) -> FrameResult:
        """Track the object to the next frame; a conditioning frame returns the answer to its prompt.

        Raises ValueError when the object has no conditioning frame.
        """
        ...

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        """Track several objects to a frame, in one pass; results in the order given.

        Raises ValueError, before anything is tracked, when one of them has no conditioning frame.
        """
        ...

    def search(self, frame_index: int, options: AutomaticOptions) -> MaskSearch:
        """Begin a stepwise search for masks of everything on a frame; no object is changed.

        Raises IndexError outside the video.
        """
        ...

    def seed(self, object_id: str, stored: StoredFrame) -> None:
        """Remember a stored mask as if this session had made it; its memory is encoded on first use."""
        ...

    def forget_object(self, object_id: str) -> None:
        """Forget the object; unknown objects are ignored."""
        ...

    def warm(self, frame_index: int) -> None:
        """Encode and cache a frame's features ahead of use."""
        ...

    def drop_caches(self) -> None:
        """Free what can be recomputed, such as encoded frames."""
        ...

    def memory_bytes(self) -> int:
        """Bytes held by encoded frames and memories."""
        ...


@runtime_checkable
class StepwiseSession(Protocol):
    """A tracking session whose prompts can take long, and which therefore answers them in steps."""

    def prompting(self, object_id: str, frame_index: int, prompt: FramePrompt) -> Steps[FrameResult]:
        """As `TrackingSession.prompt`. Nothing is remembered before the last step, so any step may be the last one."""
        ...


def completed(steps: Steps[T]) -> T:
    """The value of the steps, taken one right after the other."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


class VideoSegmenter(Protocol):
    """A loaded model."""

    @property
    def info(self) -> ModelInfo:
        """Description of the model."""
        ...

    def open(self, source: FrameSource) -> TrackingSession:
        """Open a tracking session on a video."""
        ...
