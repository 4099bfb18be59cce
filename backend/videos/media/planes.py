"""Views of a decoded picture's planes as arrays, without copying."""

import numpy as np
from av.video.plane import VideoPlane
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


def array_of(plane: VideoPlane) -> Plane:
    """A (height, width) view of a plane's samples. Writing to it writes to the picture."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)  # pyright: ignore[reportArgumentType]
    return rows[: plane.height, : plane.width]
