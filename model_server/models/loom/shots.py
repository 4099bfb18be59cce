"""The shots of a video: the cuts that tracking has met, and the frames that show the same scene.

Ours: shot changes are among the limitations that the paper names.
"""

from __future__ import annotations

from functools import lru_cache

from model_server.models.loom.correspondence import same_scene
from model_server.models.loom.network import cells_of
from model_server.models.sam2.frame_features import FrameFeatures

REMEMBERED_COMPARISONS = 256


class Shots:
    """The shots of one video, discovered frame by frame as tracking passes."""

    def __init__(self, features: FrameFeatures) -> None:
        self._features = features
        self._beginnings: set[int] = set()
        self._same_scene = lru_cache(REMEMBERED_COMPARISONS)(self._compare)

    def connected(self, frame_index: int, neighbour: int) -> bool:
        """Whether two adjacent frames belong to one shot; a cut that is found is remembered."""
        if self.shows_again(frame_index, neighbour):
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
        return self._same_scene(*sorted((frame_index, other)))

    def _compare(self, one: int, other: int) -> bool:
        return same_scene(cells_of(self._features[one]), cells_of(self._features[other]))
