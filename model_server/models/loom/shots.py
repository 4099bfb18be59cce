"""The shots of a video: the cuts that tracking has met, and the frames that show the same scene.

Ours: shot changes are among the limitations that the paper names.
"""

from __future__ import annotations

from functools import lru_cache

from model_server.models.loom.cells import Cells
from model_server.models.loom.correspondence import SceneLikeness, scene_likeness

REMEMBERED_COMPARISONS = 256


class Shots:
    """The shots of one video, discovered frame by frame as tracking passes."""

    def __init__(self, cells: Cells, likeness: SceneLikeness) -> None:
        self._cells = cells
        self._likeness = likeness
        self._beginnings: set[int] = set()
        self._likeness_of = lru_cache(REMEMBERED_COMPARISONS)(self._compare)

    def connected(self, frame_index: int, neighbour: int) -> bool:
        """Whether two adjacent frames belong to one shot; a cut that is found is remembered."""
        if self._likeness_of(*sorted((frame_index, neighbour))) >= self._likeness.beside:
            return True
        self._beginnings.add(max(frame_index, neighbour))
        return False

    def cut_between(self, one: int, other: int) -> bool:
        """Whether a cut between two frames is known."""
        first, last = sorted((one, other))
        return any(first < beginning <= last for beginning in self._beginnings)

    def edges(self, frame_index: int) -> list[int]:
        """The frames on either side of the known cuts, the nearest to a frame first."""
        beside = [edge for beginning in self._beginnings for edge in (beginning - 1, beginning)]
        return sorted(beside, key=lambda edge: (abs(edge - frame_index), edge))

    def shows_again(self, frame_index: int, other: int) -> bool:
        """Whether two frames show the same scene."""
        return self._likeness_of(*sorted((frame_index, other))) >= self._likeness.alike

    def _compare(self, one: int, other: int) -> float:
        return scene_likeness(self._cells[one], self._cells[other], self._likeness)
