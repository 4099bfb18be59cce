"""Dense optical flow (OpenCV DIS) and what it carries from frame to frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Flow = NDArray[np.float32]


def dense_flow(start: NDArray[np.uint8], end: NDArray[np.uint8]) -> Flow:
    """(H, W, 3) RGB twice -> (H, W, 2): where each pixel of `start` lies in `end`, as a displacement x, y."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    nothing = np.zeros((*start.shape[:2], 2), np.float32)  # to start from
    flow = dis.calc(cv2.cvtColor(start, cv2.COLOR_RGB2GRAY), cv2.cvtColor(end, cv2.COLOR_RGB2GRAY), nothing)
    return np.asarray(flow, np.float32)


def carry(image: NDArray, backward: Flow, *, between_pixels: bool = False) -> NDArray:
    """Move (H, W) or (H, W, N) values to the next frame; `backward` is the flow from that frame to this one.

    Values are taken from the nearest pixel, or interpolated; what comes from outside the frame is 0.
    """
    rows, columns = np.indices(backward.shape[:2], dtype=np.float32)
    how = cv2.INTER_LINEAR if between_pixels else cv2.INTER_NEAREST
    moved = cv2.remap(image, columns + backward[..., 0], rows + backward[..., 1], how)
    return moved.reshape(image.shape)  # OpenCV drops a last axis of one


def disagreement(forward: Flow, backward: Flow) -> NDArray[np.float32]:
    """(H, W) pixels by which going to the next frame (`forward`) and back misses the start."""
    rows, columns = np.indices(forward.shape[:2], dtype=np.float32)
    returned = cv2.remap(backward, columns + forward[..., 0], rows + forward[..., 1], cv2.INTER_LINEAR)
    return np.linalg.norm(forward + returned, axis=2)
