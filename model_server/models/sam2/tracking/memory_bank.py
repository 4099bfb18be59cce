"""The memory bank (SAM 2, section 4): what is remembered of one object, by frame."""

from __future__ import annotations

from collections.abc import Mapping

from model_server.models.sam2.memory import MemoryRules, Selection, select
from model_server.models.sam2.tracking.packed import PointerShelf
from model_server.models.sam2.tracking.remembered_frame import RememberedFrame
from model_server.segmenter import Direction


class MemoryBank:
    """The remembered frames of one object.

    The operations of a tracking step take constant time in the length of the video.
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
        """The remembered frames by index."""
        return self._frames

    @property
    def conditioning(self) -> list[int]:
        """Indices of the conditioning frames, sorted."""
        return sorted(self._conditioning)

    def remember(self, index: int, frame: RememberedFrame) -> None:
        """Store a frame, replacing what was remembered of it."""
        self.forget(index)
        self._frames[index] = frame
        (self._conditioning if frame.is_conditioning else self._heavy).add(index)

    def forget(self, index: int) -> None:
        """Remove a frame, if it is remembered."""
        frame = self._frames.pop(index, None)
        if frame is not None and index not in self._heavy and index not in self._conditioning:
            self._light_bytes -= frame.num_bytes()
        self._conditioning.discard(index)
        self._heavy.discard(index)

    def demote(self, index: int) -> None:
        """Turn a conditioning frame into an ordinary one, if it is remembered."""
        frame = self._frames.get(index)
        if frame is not None:
            frame.is_conditioning = False
            self.remember(index, frame)

    def clear_around(self, index: int, reach: int) -> None:
        """Forget the ordinary frames at a distance of at most `reach`."""
        for near in range(index - reach, index + reach + 1):
            if near not in self._conditioning:
                self.forget(near)

    def direction_of_prompt(self, index: int) -> Direction | None:
        """The direction in which a frame was tracked before it is prompted; None if it was not.

        For a seeded frame this is unknown: it is assumed to have been tracked forward if a conditioning frame precedes
        it, backward if all of them follow.
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
        """Select what `frame_index` attends to; its own memory is included only `with_own`."""
        conditioning = self._conditioning if with_own else self._conditioning - {frame_index}
        return select(conditioning, self._frames, frame_index, direction, rules)

    def attended(self, selection: Selection) -> list[tuple[int, RememberedFrame]]:
        """The frames whose memory maps are attended to; they are counted as holding tensors from here on."""
        for index, _ in selection.maps:
            if index not in self._heavy and index not in self._conditioning:
                self._light_bytes -= self._frames[index].num_bytes()
                self._heavy.add(index)
        return [(index, self._frames[index]) for index, _ in selection.maps]

    def shed(self, frame_index: int, reach: int, max_frames: int) -> None:
        """Drop the tensors of tracked frames, the farthest from `frame_index` first, until `max_frames` hold any.

        Frames within `reach` and conditioning frames keep theirs.
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
        """Bytes held."""
        return self._light_bytes + sum(self._frames[index].num_bytes() for index in self._conditioning | self._heavy)
