"""The described cells of one video's frames, cached and shared by all its objects.

Shapes: K objects, M channels of a cell, h x w the stride-16 grid, (H, W) the video.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor
from torch.nn import functional as F

from model_server.models.loom.network import Loom, cells_of
from model_server.models.loom.sight import Sight
from model_server.models.loom.trunk.outline import drawn_by
from model_server.models.loom.window import Window
from model_server.models.sam2.frame_features import FrameFeatures, require_frame
from model_server.segmenter import FrameSource, Mask

MOST_BYTES = 128 * 2**20
COVERED = 0.5
"""Share of a pixel that an object covers at least where it is drawn."""


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
            levels = self._sight.levels(self._whole(frame_index), self._source.rgb(frame_index))
            cells = self._described[frame_index] = self._network.correspondence.describe(levels)
            while self.num_bytes() > MOST_BYTES and len(self._described) > 1:
                self._described.popitem(last=False)
        self._described.move_to_end(frame_index)
        return cells

    def drawn(self, frame_index: int, logits: Tensor) -> list[Mask] | None:
        """(1, K, 4h, 4w) logits of masks carried to a frame -> K masks (H, W), drawn by what its pixels show.

        None if the network has no outline to draw them by.
        """
        if self._sight is None or not self._network.config.draws_outlines:
            return None
        pixels = self._sight.pixels(self._whole(frame_index), self._source.rgb(frame_index))
        shares = drawn_by(self._network.outline(pixels, self[frame_index]), logits.sigmoid())
        sized = F.interpolate(shares, size=(self._source.height, self._source.width), mode="bilinear")
        return list((sized[0] > COVERED).cpu().numpy())

    def num_bytes(self) -> int:
        """Bytes held here; the features that an encoder made are counted where they are."""
        return sum(cells.numel() * cells.element_size() for cells in self._described.values())

    def clear(self) -> None:
        """Drop what was described."""
        self._described.clear()

    def _whole(self, frame_index: int) -> tuple[int, Window]:
        """What the trunk's views of whole frames are kept by."""
        return frame_index, Window.whole(self._source.height, self._source.width)
