"""The memory bank (SAM 2 section 4 "Memory bank") as a value, and the rule that picks what a frame attends to.

Shapes: B objects, C = d_model, C_mem memory channels, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from model_server.masks import rle
from model_server.segmenter import Direction, Mask


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """What one object remembers of one frame."""

    features: Tensor  # (B, C_mem, h, w)
    object_pointer: Tensor  # (B, C)


@dataclass(frozen=True, slots=True)
class AttendedMemory:
    """The memories one frame attends to, in the order in which the network reads them."""

    maps: Sequence[tuple[int, Tensor]]
    """(slot in the table of temporal positions, (B, C_mem, h, w))."""
    pointers: Sequence[tuple[float, Tensor]]
    """(distance in time as a share of the longest one, (B, C))."""


@dataclass(frozen=True, slots=True)
class MemoryRules:
    """How many memories a frame attends to. Numbers of frames."""

    slots: int = 7
    max_pointers: int = 16
    stride: int = 1
    """Distance between the ordinary memories beyond the previous frame."""
    max_conditioning: int | None = None
    """At least 2; None attends to every conditioning frame."""

    @property
    def reach(self) -> int:
        """The farthest an ordinary memory can lie."""
        return self.slots * self.stride


@dataclass(frozen=True, slots=True)
class Selection:
    """Frame indices to attend to; pure arithmetic, resolved to tensors with `attend`."""

    maps: tuple[tuple[int, int], ...]
    """(frame_index, slot): conditioning frames first, then the oldest ordinary memory to the previous frame."""
    pointers: tuple[tuple[int, int], ...]
    """(frame_index, distance): conditioning frames first, then the previous frame to the oldest."""
    longest_distance: int

    def attend(self, memories: Mapping[int, FrameMemory]) -> AttendedMemory:
        """Look the frames up; raises KeyError for one that is not remembered."""
        return AttendedMemory(
            maps=[(slot, memories[frame].features) for frame, slot in self.maps],
            pointers=[(self.age(distance), memories[frame].object_pointer) for frame, distance in self.pointers],
        )

    def age(self, distance: int) -> float:
        """A pointer's distance as a share of the longest one."""
        return distance / self.longest_distance


def select(
    conditioning: Iterable[int], tracked: Iterable[int], frame_index: int, direction: Direction, rules: MemoryRules
) -> Selection:
    """What `frame_index` attends to when masks are carried in `direction`; index arithmetic only.

    Conditioning frames may lie in the future, their pointers may not. A conditioning frame beyond
    `rules.max_conditioning` can still serve as an ordinary memory.
    """
    conditioning = sorted(set(conditioning))
    chosen = _nearest(conditioning, frame_index, rules.max_conditioning)
    ordinary = set(tracked) | (set(conditioning) - set(chosen))
    sign = 1 if direction == "forward" else -1

    maps = [(frame, rules.slots - 1) for frame in chosen]
    for slot in range(rules.slots - 2, -1, -1):
        frame = sign * _steps_back(sign * frame_index, slot + 1, rules.stride)
        if frame in ordinary:
            maps.append((frame, slot))

    pointers = [(frame, abs(frame_index - frame)) for frame in chosen if sign * (frame_index - frame) >= 0]
    for distance in range(1, rules.max_pointers):
        frame = frame_index - sign * distance
        if frame in ordinary:
            pointers.append((frame, distance))
    return Selection(tuple(maps), tuple(pointers), max(rules.max_pointers - 1, 1))


def _steps_back(frame_index: int, step: int, stride: int) -> int:
    """The frame `step` ordinary memories before: the previous frame, then multiples of the stride."""
    if step == 1:
        return frame_index - 1
    return (frame_index - 2) // stride * stride - (step - 2) * stride


def _nearest(frames: Sequence[int], frame_index: int, limit: int | None) -> list[int]:
    """At most `limit` of the sorted frames: nearest before, nearest not before, then nearest by distance."""
    if limit is None or len(frames) <= limit:
        return list(frames)
    before = [frame for frame in frames if frame < frame_index][-1:]
    after = [frame for frame in frames if frame >= frame_index][:1]
    rest = [frame for frame in frames if frame not in before + after]
    rest.sort(key=lambda frame: abs(frame - frame_index))
    return sorted((before + after + rest)[:limit])


@dataclass(frozen=True, slots=True)
class PackedMask:
    """A mask as run lengths, at whatever size it was made: some hundred bytes instead of a byte per pixel."""

    height: int
    width: int
    counts: str

    @classmethod
    def pack(cls, mask: Mask) -> PackedMask:
        """(height, width) bool."""
        return cls(mask.shape[0], mask.shape[1], rle.encode(mask))

    def unpack(self) -> Mask:
        """(height, width) bool."""
        return rle.decode(self.counts, height=self.height, width=self.width)


Origin = Literal["prompted", "tracked", "seeded"]


@dataclass(slots=True)
class RememberedFrame:
    """One object on one frame: the answer that was given, and the memory made of it once something attends to it."""

    origin: Origin
    object_score: float
    predicted_iou: float
    is_conditioning: bool
    candidate: int | None = None
    candidate_ious: tuple[float, ...] = ()
    """As in `FrameResult`."""
    direction: Direction | None = None
    """How tracking came here; None for a frame that started from its prompt alone."""
    mask: PackedMask | None = None
    """The mask that was given, or what is left of `logits` far from where tracking is."""
    logits: Tensor | None = None  # (1, 1, 4h, 4w)
    base_logits: Tensor | None = None
    """What clicks on a prompted frame refine: tracking's answer or a given mask; None if they started afresh."""
    features: Tensor | None = None  # (1, C_mem, h, w)
    object_pointer: Tensor | None = None  # (1, C)

    @property
    def is_certain(self) -> bool:
        """Whether a person answers for the mask."""
        return self.is_conditioning or self.origin == "prompted"

    @property
    def holds_tensors(self) -> bool:
        """Whether there is anything to shed."""
        return self.logits is not None or self.features is not None

    def shed(self) -> None:
        """Keep mask and pointer only. The memory can be made again from the mask and the frame's image."""
        if self.mask is None and self.logits is not None:
            self.mask = PackedMask.pack((self.logits[0, 0] > 0).cpu().numpy())
        self.logits = self.features = None

    def num_bytes(self) -> int:
        """Memory held."""
        tensors = (self.logits, self.base_logits, self.features, self.object_pointer)
        packed = len(self.mask.counts) if self.mask else 0
        return packed + sum(x.numel() * x.element_size() for x in tensors if x is not None)


@dataclass(slots=True)
class MemoryBank:
    """Every frame one object has been seen on."""

    frames: dict[int, RememberedFrame] = field(default_factory=dict)

    def indices(self, *, conditioning: bool) -> list[int]:
        """The conditioning frames, or the others, in order."""
        return sorted(index for index, frame in self.frames.items() if frame.is_conditioning == conditioning)

    def select(self, frame_index: int, direction: Direction, rules: MemoryRules) -> Selection:
        """What `frame_index` attends to; never itself."""
        conditioning = [index for index in self.indices(conditioning=True) if index != frame_index]
        tracked = [index for index in self.indices(conditioning=False) if index != frame_index]
        return select(conditioning, tracked, frame_index, direction, rules)

    def shed(self, frame_index: int, reach: int, max_bytes: int) -> None:
        """Bring the tensors of tracked frames down to `max_bytes`, the farthest from here first.

        Frames within `reach` and conditioning frames always keep theirs.
        """
        held = {i: frame for i, frame in self.frames.items() if frame.holds_tensors and not frame.is_conditioning}
        excess = sum(frame.num_bytes() for frame in held.values()) - max_bytes
        for index in sorted(held, key=lambda index: -abs(index - frame_index)):
            if excess <= 0 or abs(index - frame_index) <= reach:
                return
            excess -= held[index].num_bytes()
            held[index].shed()

    def num_bytes(self) -> int:
        """Memory held."""
        return sum(frame.num_bytes() for frame in self.frames.values())
