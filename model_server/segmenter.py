"""What a model must offer to segment videos, as plain dataclasses and Protocols: numpy only, no web, no database.

Pixel space: everything is in pixels of the video of record. Points are pixel indices (the centre of the top-left
pixel is 0, 0), x to the right, y down. Masks are boolean arrays (height, width).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from model_server.mask_search import AutomaticOptions, MaskSearch

Mask = NDArray[np.bool_]
Direction = Literal["forward", "backward"]
PromptContent = Literal["points", "mask"]
"""Points are clicks and at most one box, which is two corners to SAM; nothing else can be mixed."""
NUM_CANDIDATES = 3
"""Masks that are offered for an ambiguous prompt: one click may mean a part, an object or a group."""


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
    """Everything that is asked of one object on one frame. A mask excludes clicks and a box."""

    clicks: tuple[Click, ...] = ()
    box: Box | None = None
    mask: Mask | None = None
    candidate: int | None = None
    """Which of the three candidates for the first click is meant, 0 to 2 in the model's own order; None: its favourite.

    One click alone is answered with this candidate; further clicks refine it. A box or a mask leaves nothing to choose.
    """
    memory: bool = True
    """Whether clicks and a box see the object's memory and refine what was said of the frame before.

    Where they do not, they are answered from the image alone, as in SAM, and their mask is then remembered as if it
    had been given: phases 1 and 2 of the data engine (SAM 2, section 5.1). A given mask looks at no memory.
    """

    @property
    def kind(self) -> PromptContent:
        """What the prompt is made of."""
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
    """A frame of an object as it was stored, handed back to a session that never saw it."""

    frame_index: int
    mask: Mask
    object_score: float
    conditioning: bool
    answers_prompts: bool = False
    """The mask came from clicks or a box; the frame's next prompt refines what those refined, not this mask."""
    base: Mask | None = None
    """What they refined; None: they started from nothing."""


@dataclass(frozen=True, slots=True)
class FrameResult:
    """One object's mask on one frame and how far to trust it."""

    frame_index: int
    object_id: str
    mask: Mask
    low_res_logits: NDArray[np.float32]
    """The network's own output, before it was scaled to the video; -1024 everywhere when the object is absent."""
    predicted_iou: float
    object_score: float
    """Logit, positive = visible. `mask` is empty when it is not positive."""
    stability: float
    """0..1, how little the mask changes with its threshold."""
    candidate: int | None = None
    """Which candidate the mask is, 0 to 2; None where there was nothing to choose from."""
    candidate_ious: tuple[float, ...] = ()
    """Predicted IoU of every mask that was offered: three where there was a choice, else one."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a loaded model."""

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
    """A video, decoded lazily."""

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
        """One frame (height, width, 3)."""
        ...


class TrackingSession(Protocol):
    """Model-side state of one open video. Objects are independent of each other; not thread-safe."""

    def prompt(self, object_id: str, frame_index: int, prompt: FramePrompt) -> FrameResult:
        """Apply the complete prompt set of a frame, replacing earlier ones; the frame becomes conditioning."""
        ...

    def clear_frame(self, object_id: str, frame_index: int) -> None:
        """Forget the object's prompt and memory on this frame."""
        ...

    def track(self, object_id: str, frame_index: int, direction: Direction) -> FrameResult:
        """Carry the object one frame on; a conditioning frame returns what its prompt gave.

        Raises ValueError when the object has no conditioning frame.
        """
        ...

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[FrameResult]:
        """As `track` for each of several objects, in their order, in one pass over the frame.

        Nothing is tracked when one of the objects has no conditioning frame.
        """
        ...

    def search(self, frame_index: int, options: AutomaticOptions) -> MaskSearch:
        """Look for masks of everything on a frame, in steps; no object is touched. IndexError outside the video."""
        ...

    def seed(self, object_id: str, stored: StoredFrame) -> None:
        """Remember a stored mask as if this session had made it; its memory is encoded when first needed."""
        ...

    def forget_object(self, object_id: str) -> None:
        """Drop everything known of the object; unknown objects are ignored."""
        ...

    def warm(self, frame_index: int) -> None:
        """Encode and cache a frame's features ahead of use."""
        ...

    def drop_caches(self) -> None:
        """Free what can be made again at the cost of time: encoded frames."""
        ...

    def memory_bytes(self) -> int:
        """Memory held by features and memories."""
        ...


class VideoSegmenter(Protocol):
    """A loaded model."""

    @property
    def info(self) -> ModelInfo:
        """What the model is."""
        ...

    def open(self, source: FrameSource) -> TrackingSession:
        """Start tracking in a video."""
        ...
