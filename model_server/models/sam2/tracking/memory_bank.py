"""The memory bank (SAM 2, section 4): every frame one object has been seen on."""

from __future__ import annotations

from collections.abc import Mapping

from model_server.models.sam2.memory import MemoryRules, Selection, select
from model_server.models.sam2.tracking.packed import PointerShelf
from model_server.models.sam2.tracking.remembered_frame import RememberedFrame
from model_server.segmenter import Direction


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
        """Put a frame in; it replaces what was known of it."""
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
