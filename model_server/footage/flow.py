"""Dense optical flow (OpenCV's DIS) and warping by it."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Flow = NDArray[np.float32]
Value = TypeVar("Value", np.uint8, np.float32)


def dense_flow(start: NDArray[np.uint8], end: NDArray[np.uint8]) -> Flow:
    """Two (H, W, 3) uint8 RGB frames -> (H, W, 2): the displacement (x, y) in pixels from `start` to `end`."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    initial = np.zeros((*start.shape[:2], 2), np.float32)
    flow = dis.calc(cv2.cvtColor(start, cv2.COLOR_RGB2GRAY), cv2.cvtColor(end, cv2.COLOR_RGB2GRAY), initial)
    return np.asarray(flow, np.float32)


def carry(image: NDArray[Value], backward: Flow, *, between_pixels: bool = False) -> NDArray[Value]:
    """Warp (H, W) or (H, W, N) values to the next frame; `backward` is the flow from that frame to this one.

    Values are those of the nearest pixel or, with `between_pixels`, interpolated linearly; 0 from outside the frame.
    """
    rows, columns = np.indices(backward.shape[:2], dtype=np.float32)
    how = cv2.INTER_LINEAR if between_pixels else cv2.INTER_NEAREST
    moved = cv2.remap(image, columns + backward[..., 0], rows + backward[..., 1], how)
    return np.asarray(moved, image.dtype).reshape(image.shape)  # OpenCV drops a last axis of one


def disagreement(forward: Flow, backward: Flow) -> NDArray[np.float32]:
    """(H, W): the distance in pixels by which following `forward` and then `backward` misses the start."""
    rows, columns = np.indices(forward.shape[:2], dtype=np.float32)
    returned = cv2.remap(backward, columns + forward[..., 0], rows + forward[..., 1], cv2.INTER_LINEAR)
    return np.linalg.norm(forward + returned, axis=2)
