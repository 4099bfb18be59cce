"""Pictures keep their orientation, their colours and every line on the way into the proxy."""

import struct
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange

from backend.videos.media.geometry import Converter, geometry_for, orientation_of

#   a  b      A stored point (x, y) is shown at (a x + c y, b x + d y).
#   c  d
LETTER = np.array([[1, 2], [3, 4], [5, 6]], np.uint8)  # three rows of two


def with_matrix(a: int, b: int, c: int, d: int) -> VideoFrame:
    matrix = struct.pack("<9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    return cast(VideoFrame, SimpleNamespace(side_data={"DISPLAYMATRIX": matrix}))


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((1, 0, 0, 1), [[1, 2], [3, 4], [5, 6]]),
        ((0, 1, -1, 0), [[5, 3, 1], [6, 4, 2]]),  # turned right by 90 degrees
        ((-1, 0, 0, -1), [[6, 5], [4, 3], [2, 1]]),
        ((0, -1, 1, 0), [[2, 4, 6], [1, 3, 5]]),  # turned left
        ((-1, 0, 0, 1), [[2, 1], [4, 3], [6, 5]]),  # mirrored, as by a front camera
        ((1, 0, 0, -1), [[5, 6], [3, 4], [1, 2]]),
        ((0, 1, 1, 0), [[1, 3, 5], [2, 4, 6]]),
        ((0, -1, -1, 0), [[6, 4, 2], [5, 3, 1]]),
    ],
)
def test_every_display_matrix_is_applied(matrix: tuple[int, int, int, int], shown: list[list[int]]) -> None:
    assert orientation_of(with_matrix(*matrix)).apply(LETTER).tolist() == shown


def flat(width: int, height: int, colour: tuple[int, int, int]) -> VideoFrame:
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour
    return VideoFrame.from_ndarray(pixels, format="rgb24")


@pytest.mark.parametrize(
    ("size", "aspect", "long_side", "expected"),
    [
        ((640, 360), None, 1920, (640, 360)),
        ((3026, 1386), None, 1920, (1920, 880)),
        ((313, 273), None, 1920, (314, 274)),
        ((720, 576), Fraction(16, 15), 1920, (768, 576)),  # not square pixels: stretched, never shrunk
        ((720, 480), Fraction(8, 9), 1920, (720, 540)),
        ((100, 1000), None, 500, (50, 500)),
    ],
)
def test_the_proxys_size(
    size: tuple[int, int], aspect: Fraction | None, long_side: int, expected: tuple[int, int]
) -> None:
    geometry = geometry_for(flat(*size, (0, 0, 0)), aspect, long_side=long_side)
    assert (geometry.width, geometry.height) == expected


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (30, 90, 200), (255, 255, 255), (0, 0, 0), (128, 128, 128)]
)
@pytest.mark.parametrize("height", [240, 720])
def test_colours_come_out_as_they_went_in(colour: tuple[int, int, int], height: int) -> None:
    frame = flat(64, height, colour)
    picture = Converter(geometry_for(frame, None, long_side=1920)).convert(frame)
    assert np.abs(picture.to_ndarray(format="rgb24").astype(int) - colour).max() <= 3


@pytest.mark.parametrize("source_format", ["yuv420p", "yuv444p", "yuvj420p", "yuv420p10le", "bgra", "gray", "nv12"])
def test_every_pixel_format_keeps_its_colours(source_format: str) -> None:
    frame = flat(64, 720, (60, 120, 180) if source_format != "gray" else (120, 120, 120))
    source = frame.reformat(
        format=source_format,
        dst_colorspace="ITU709",
        dst_color_range=ColorRange.JPEG if "j" in source_format or source_format == "gray" else ColorRange.MPEG,
    )
    picture = Converter(geometry_for(source, None, long_side=1920)).convert(source)
    difference = picture.to_ndarray(format="rgb24").astype(int) - frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(difference).max() <= 4


def test_an_odd_size_repeats_its_last_line_and_invents_nothing() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (33, 35), np.uint8)
    frame = VideoFrame.from_ndarray(pixels, format="gray")
    picture = Converter(geometry_for(frame, None, long_side=1920)).convert(frame)
    luma: Any = picture.to_ndarray()[:34, :36]
    assert (luma[33] == luma[32]).all()
    assert (luma[:, 35] == luma[:, 34]).all()
