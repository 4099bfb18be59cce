"""The described cells of one video's frames, cached and shared by all its objects.

Shapes: M channels of a cell, h x w the stride-16 grid.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor

from model_server.models.loom.network import Loom, cells_of
from model_server.models.loom.sight import Sight
from model_server.models.loom.window import Window
from model_server.models.sam2.frame_features import FrameFeatures, require_frame
from model_server.segmenter import FrameSource

MOST_BYTES = 128 * 2**20


class Cells:
    """Described by the network's encoder, or from the trunk alone, so that the encoder need not run."""

    def __init__(self, network: Loom, source: FrameSource, features: FrameFeatures, sight: Sight | None) -> None:
        self._network = network
        self._source = source
        self._features = features
        self._sight = sight if network.config.carries_by_trunk else None
        self._described: OrderedDict[int, Tensor] = OrderedDict()

    def __getitem__(self, frame_index: int) -> Tensor:
        """(1, M, 4h, 4w) cells of a frame. Raises IndexError outside the video."""
        if self._sight is None:
            return cells_of(self._features[frame_index])
        cells = self._described.get(frame_index)
        if cells is None:
            require_frame(self._source, frame_index)
            whole = Window.whole(self._source.height, self._source.width)
            levels = self._sight.levels((frame_index, whole), self._source.rgb(frame_index))
            cells = self._described[frame_index] = self._network.correspondence.describe(levels)
            while self.num_bytes() > MOST_BYTES and len(self._described) > 1:
                self._described.popitem(last=False)
        self._described.move_to_end(frame_index)
        return cells

    def num_bytes(self) -> int:
        """Bytes held here; the features that an encoder made are counted where they are."""
        return sum(cells.numel() * cells.element_size() for cells in self._described.values())

    def clear(self) -> None:
        """Drop what was described."""
        self._described.clear()
