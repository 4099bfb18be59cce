"""The encoded frames of one video, cached and shared by all its objects.

Shapes: S the network's input size, (H, W) the video.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from model_server.models.sam2.heap import Heap, give_back
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import FrameSource


class FrameFeatures:
    """A least-recently-used cache of encoded frames, bounded in bytes; the newest frame is always kept."""

    def __init__(self, network: Sam2, source: FrameSource, max_bytes: int) -> None:
        self._network = network
        self._source = source
        self._max_bytes = max_bytes
        self._cached: OrderedDict[int, ImageFeatures] = OrderedDict()
        self._bytes = 0
        self._heap = Heap()

    def __getitem__(self, frame_index: int) -> ImageFeatures:
        """The features of a frame, encoded on a cache miss. Raises IndexError outside the video."""
        features = self._cached.get(frame_index)
        if features is None:
            features = self._encode(frame_index)
            self._cached[frame_index] = features
            self._bytes += features.num_bytes()
            while self._bytes > self._max_bytes and len(self._cached) > 1:
                _, oldest = self._cached.popitem(last=False)
                self._bytes -= oldest.num_bytes()
            self._heap.passed()
        self._cached.move_to_end(frame_index)
        return features

    def clear(self) -> None:
        """Drop every cached frame."""
        self._cached.clear()
        self._bytes = 0
        give_back()

    def num_bytes(self) -> int:
        """Bytes held by the cached features."""
        return self._bytes

    def _encode(self, frame_index: int) -> ImageFeatures:
        require_frame(self._source, frame_index)
        return encoded(self._network, self._source.rgb(frame_index))


def require_frame(source: FrameSource, frame_index: int) -> None:
    """Raise IndexError for a frame outside the video."""
    if not 0 <= frame_index < source.num_frames:
        raise IndexError(f"frame {frame_index} is outside a video of {source.num_frames} frames")


def encoded(network: Sam2, rgb: NDArray[np.uint8]) -> ImageFeatures:
    """Encode a frame or a part of one, (H, W, 3) uint8 RGB, on the device of the network."""
    weight = network.no_mem_embed
    return network.encode_image(as_input(rgb, network.config.image_size).to(weight.device, weight.dtype))


def as_input(rgb: NDArray[np.uint8], size: int) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, S, S) float32, stretched (bicubic, antialiased) and normalised as in training."""
    image = torch.as_tensor(np.require(rgb, requirements=["C", "W"])).permute(2, 0, 1)[None]
    if image.shape[-2:] != (size, size):
        image = F.interpolate(image, size=(size, size), mode="bicubic", antialias=True)
    return normalise(image / 255)
