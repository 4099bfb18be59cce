"""Memories of frames, and the choice of those that another frame attends to (SAM 2, section 4, "Memory bank").

Shapes: B objects, C = d_model, C_mem memory channels, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from model_server.segmenter import Direction


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """What one object remembers of one frame."""

    features: Tensor  # (B, C_mem, h, w)
    object_pointer: Tensor  # (B, C)


@dataclass(frozen=True, slots=True)
class AttendedMemory:
    """The memories that one frame attends to, in the order the network reads them."""

    maps: Sequence[tuple[int, Tensor]]
    """(slot in the table of temporal positions, (B, C_mem, h, w))."""
    pointers: Sequence[tuple[float, Tensor]]
    """(distance in time as a share of the longest one, (B, C))."""


@dataclass(frozen=True, slots=True)
class MemoryRules:
    """How many memories a frame attends to, counted in frames; the defaults are those of the paper."""

    slots: int = 7
    max_pointers: int = 16
    stride: int = 1
    """Distance between the ordinary memories beyond the previous frame."""
    max_conditioning: int | None = None
    """At least 2; with None, a frame attends to every conditioning frame."""

    @property
    def reach(self) -> int:
        """Distance of the farthest ordinary memory, in frames."""
        return self.slots * self.stride


@dataclass(frozen=True, slots=True)
class Selection:
    """Indices of the frames to attend to; `attend` resolves them to tensors."""

    maps: tuple[tuple[int, int], ...]
    """(frame_index, slot): conditioning frames first, then the oldest ordinary memory to the previous frame."""
    pointers: tuple[tuple[int, int], ...]
    """(frame_index, distance): conditioning frames first, then the previous frame to the oldest."""
    longest_distance: int

    def attend(self, memories: Mapping[int, FrameMemory]) -> AttendedMemory:
        """Look up the tensors of the selected frames. Raises KeyError for a frame that is not remembered."""
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
    """Select what `frame_index` attends to when propagating in `direction`; index arithmetic only.

    Conditioning frames may lie ahead of `frame_index`, but then contribute no pointer. A conditioning frame beyond the
    `rules.max_conditioning` nearest can still serve as an ordinary memory.
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
    """The frame of the `step`-th ordinary memory, backwards: the previous frame, then multiples of the stride."""
    if step == 1:
        return frame_index - 1
    return (frame_index - 2) // stride * stride - (step - 2) * stride


def _nearest(frames: Sequence[int], frame_index: int, limit: int | None) -> list[int]:
    """At most `limit` of the sorted frames: the nearest before, the nearest at or after, then by distance."""
    if limit is None or len(frames) <= limit:
        return list(frames)
    before = [frame for frame in frames if frame < frame_index][-1:]
    after = [frame for frame in frames if frame >= frame_index][:1]
    rest = [frame for frame in frames if frame not in before + after]
    rest.sort(key=lambda frame: abs(frame - frame_index))
    return sorted((before + after + rest)[:limit])
