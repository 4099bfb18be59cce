"""The memory bank (SAM 2 section 4 "Memory bank") as a value, and the rule that picks what a frame attends to.

Shapes: B objects, C = d_model, C_mem memory channels, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from model_server.models.sam2.tracking.packed import PackedMask, PointerShelf, ShelvedPointer
from model_server.segmenter import Direction


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
    conditioning: Iterable[int], tracked: Container[int], frame_index: int, direction: Direction, rules: MemoryRules
) -> Selection:
    """What `frame_index` attends to when masks are carried in `direction`; index arithmetic only.

    Conditioning frames may lie in the future, their pointers may not. A conditioning frame beyond
    `rules.max_conditioning` can still serve as an ordinary memory.
    """
    every_conditioning = set(conditioning)
    chosen = _nearest(sorted(every_conditioning), frame_index, rules.max_conditioning)
    sign = 1 if direction == "forward" else -1

    def is_ordinary(frame: int) -> bool:
        return frame not in chosen and (frame in tracked or frame in every_conditioning)

    maps = [(frame, rules.slots - 1) for frame in chosen]
    for slot in range(rules.slots - 2, -1, -1):
        frame = sign * _steps_back(sign * frame_index, slot + 1, rules.stride)
        if is_ordinary(frame):
            maps.append((frame, slot))

    pointers = [(frame, abs(frame_index - frame)) for frame in chosen if sign * (frame_index - frame) >= 0]
    for distance in range(1, rules.max_pointers):
        frame = frame_index - sign * distance
        if is_ordinary(frame):
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
    base_mask: PackedMask | None = None
    """The same for a seeded frame whose mask answers prompts, while there are no logits of it."""
    is_lost: bool = False
    """Whether nothing remembered was recognised on the frame, so that it says nothing of the object."""
    passing_logits: Tensor | None = None
    """An answer on a conditioning frame that is refined by further clicks, but forgotten by the next propagation."""
    features: Tensor | None = None  # (1, C_mem, h, w)
    object_pointer: Tensor | None = None  # (1, C)
    shelved_pointer: ShelvedPointer | None = None
    """That of a frame that was shed."""

    @property
    def is_certain(self) -> bool:
        """Whether a person answers for the mask."""
        return self.is_conditioning or self.origin == "prompted"

    @property
    def holds_tensors(self) -> bool:
        """Whether there is anything to shed."""
        return self.logits is not None or self.features is not None

    def pointer(self, device: torch.device) -> Tensor | None:
        """(1, C), or None while a seeded frame has none."""
        if self.object_pointer is None and self.shelved_pointer is not None:
            return self.shelved_pointer.tensor(device)
        return self.object_pointer

    def shed(self, shelf: PointerShelf) -> None:
        """Keep mask and pointer only. The memory can be made again from the mask and the frame's image."""
        if self.mask is None and self.logits is not None:
            self.mask = PackedMask.pack((self.logits[0, 0] > 0).cpu().numpy())
        if self.object_pointer is not None:
            self.shelved_pointer = shelf.keep(self.object_pointer.float().cpu().numpy())
        self.logits = self.features = self.object_pointer = None
        self.candidate_ious = ()

    def num_bytes(self) -> int:
        """Memory held."""
        tensors = (self.logits, self.base_logits, self.features, self.object_pointer)
        packed = sum(len(mask.counts) for mask in (self.mask, self.base_mask) if mask)
        packed += self.shelved_pointer.num_bytes if self.shelved_pointer is not None else 0
        return packed + sum(x.numel() * x.element_size() for x in tensors if x is not None)


class MemoryBank:
    """Every frame one object has been seen on.

    What a step of tracking asks of it takes the same time however long the video is.
    """

    def __init__(self, frames: Mapping[int, RememberedFrame] | None = None) -> None:
        self._frames: dict[int, RememberedFrame] = {}
        self._conditioning: set[int] = set()
        self._heavy: set[int] = set()  # tracked frames that hold tensors, or may come to
        self._light_bytes = 0
        self._shelf = PointerShelf()
        for index, frame in (frames or {}).items():
            self.remember(index, frame)

    @property
    def frames(self) -> Mapping[int, RememberedFrame]:
        """By frame index."""
        return self._frames

    @property
    def conditioning(self) -> list[int]:
        """The conditioning frames in order."""
        return sorted(self._conditioning)

    def remember(self, index: int, frame: RememberedFrame) -> None:
        """Put a frame in, in the place of what was known of it."""
        self.forget(index)
        self._frames[index] = frame
        (self._conditioning if frame.is_conditioning else self._heavy).add(index)

    def forget(self, index: int) -> None:
        """Take a frame out, if it is there."""
        frame = self._frames.pop(index, None)
        if frame is not None and index not in self._heavy and index not in self._conditioning:
            self._light_bytes -= frame.num_bytes()
        self._conditioning.discard(index)
        self._heavy.discard(index)

    def demote(self, index: int) -> None:
        """Let a conditioning frame be an ordinary one."""
        frame = self._frames.get(index)
        if frame is not None:
            frame.is_conditioning = False
            self.remember(index, frame)

    def clear_around(self, index: int, reach: int) -> None:
        """Forget the ordinary frames at most `reach` away."""
        for near in range(index - reach, index + reach + 1):
            if near not in self._conditioning:
                self.forget(near)

    def direction_of_prompt(self, index: int) -> Direction | None:
        """The direction in which a prompted frame had been tracked; None for a frame that had not.

        Of a seeded frame this is not known: it is taken to have come from the nearest prompt before it, if there is
        one.
        """
        frame = self._frames.get(index)
        if frame is None or frame.origin != "seeded":
            return None if frame is None else frame.direction
        others = [other for other in self.conditioning if other != index]
        if not others:
            return None
        return "forward" if others[0] < index else "backward"

    def select(
        self, frame_index: int, direction: Direction, rules: MemoryRules, *, with_own: bool = False
    ) -> Selection:
        """What `frame_index` attends to; what is known of itself only `with_own`."""
        conditioning = self._conditioning if with_own else self._conditioning - {frame_index}
        return select(conditioning, self._frames, frame_index, direction, rules)

    def attended(self, selection: Selection) -> list[tuple[int, RememberedFrame]]:
        """The frames whose maps are attended to; they are going to hold tensors, if they do not yet."""
        for index, _ in selection.maps:
            if index not in self._heavy and index not in self._conditioning:
                self._light_bytes -= self._frames[index].num_bytes()
                self._heavy.add(index)
        return [(index, self._frames[index]) for index, _ in selection.maps]

    def shed(self, frame_index: int, reach: int, max_frames: int) -> None:
        """Take the tensors from tracked frames until `max_frames` have some, the farthest from here first.

        Frames within `reach` and conditioning frames always keep theirs.
        """
        while len(self._heavy) > max_frames:
            farthest = max(self._heavy, key=lambda index: (abs(index - frame_index), index))
            if abs(farthest - frame_index) <= reach:
                return
            self._heavy.remove(farthest)
            frame = self._frames[farthest]
            frame.shed(self._shelf)
            self._light_bytes += frame.num_bytes()

    def num_bytes(self) -> int:
        """Memory held."""
        return self._light_bytes + sum(self._frames[index].num_bytes() for index in self._conditioning | self._heavy)
