"""Convert decoded pictures to the proxy's form: upright, square pixels, capped and even sizes, 8-bit 4:2:0, BT.709."""

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from av import VideoFrame
from av.video.frame import PictureType
from av.video.plane import VideoPlane
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

_HIGH_DEFINITION = 720  # lines; an untagged video with fewer is BT.601
_UNSPECIFIED_SPACES = {0, 2, 3}

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Orientation:
    """How to turn a stored picture upright: first transpose, then flip."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def apply(self, plane: Plane) -> Plane:
        upright = plane.T if self.transpose else plane
        return upright[:: -1 if self.flip_rows else 1, :: -1 if self.flip_columns else 1]


def array_of(plane: VideoPlane) -> Plane:
    """A (height, width) view of a plane's samples, without copying. Writing to it writes to the picture."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)  # pyright: ignore[reportArgumentType]
    return rows[: plane.height, : plane.width]


def orientation_of(frame: VideoFrame) -> Orientation:
    """The orientation in the display matrix that cameras write; upright if there is none, or its angle is oblique."""
    matrix = _display_matrix(frame)
    if matrix is None or len(matrix) < 36:
        return Orientation()
    # A stored point (x, y) is shown at (a x + c y, b x + d y).
    a, b, _u, c, d, *_rest = struct.unpack("<9i", matrix[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(flip_rows=d < 0, flip_columns=a < 0)
    return Orientation(transpose=True, flip_rows=b < 0, flip_columns=c < 0)


def _display_matrix(frame: VideoFrame) -> bytes | None:
    side_data: Any = frame.side_data  # PyAV's type for it is too narrow
    try:
        return bytes(side_data["DISPLAYMATRIX"])
    except KeyError:
        return None


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes in pixels. `scaled_*` are before turning and padding; `width` and `height` are the proxy's."""

    orientation: Orientation
    scaled_width: int
    scaled_height: int
    width: int
    height: int

    def fits(self, frame: VideoFrame) -> bool:
        """Whether the frame is as the proxy's have to be."""
        return (
            (frame.width, frame.height) == (self.scaled_width, self.scaled_height) == (self.width, self.height)
            and self.orientation == Orientation()
            and frame.format.name == "yuv420p"
            and _space_of(frame) == Colorspace.ITU709
            and not _is_full_range(frame)
        )


def geometry_for(frame: VideoFrame, aspect: Fraction | None, *, long_side: int) -> Geometry:
    """The proxy's geometry, from the video's first frame. `aspect` is a pixel's width over its height."""
    orientation = orientation_of(frame)
    width, height = frame.width, frame.height
    ideal_width, ideal_height = float(width), float(height)
    if aspect is not None and aspect > 0:  # stretch, never shrink: no detail is lost
        ideal_width *= max(1.0, float(aspect))
        ideal_height *= max(1.0, 1.0 / float(aspect))
    shrink = min(1.0, long_side / max(ideal_width, ideal_height))
    if shrink < 1.0 or (ideal_width, ideal_height) != (width, height):
        width, height = (max(2, 2 * round(side * shrink / 2)) for side in (ideal_width, ideal_height))
    upright = (height, width) if orientation.transpose else (width, height)
    return Geometry(orientation, width, height, upright[0] + upright[0] % 2, upright[1] + upright[1] % 2)


class Converter:
    """Converts frames to one geometry, even if a damaged or spliced file changes its size midway."""

    def __init__(self, geometry: Geometry) -> None:
        self._geometry = geometry
        self._reformatter = VideoReformatter()

    def convert(self, frame: VideoFrame) -> VideoFrame:
        """A yuv420p frame of limited range. It is the very same one where there is nothing to convert."""
        geometry = self._geometry
        if geometry.fits(frame):
            frame.pict_type = PictureType.NONE  # the encoder decides anew
            return frame
        flat = self._reformatter.reformat(
            frame,
            width=geometry.scaled_width,
            height=geometry.scaled_height,
            format="yuv420p",
            src_colorspace=_space_of(frame),
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG if _is_full_range(frame) else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            threads=1,
        )
        luma, *chroma = (array_of(plane) for plane in flat.planes)
        turned = [geometry.orientation.apply(plane) for plane in (luma, *chroma)]
        sizes = [(geometry.height, geometry.width)] + [(geometry.height // 2, geometry.width // 2)] * 2
        picture = VideoFrame(geometry.width, geometry.height, "yuv420p")
        for target, plane, size in zip(picture.planes, turned, sizes, strict=True):
            array_of(target)[...] = _padded(plane, size)
        picture.colorspace = Colorspace.ITU709
        picture.color_range = ColorRange.MPEG
        picture.color_primaries = ColorPrimaries.BT709
        picture.color_trc = ColorTrc.BT709
        return picture


def _space_of(frame: VideoFrame) -> int:
    space = int(frame.colorspace)
    if space in _UNSPECIFIED_SPACES and not frame.format.is_rgb:
        return Colorspace.ITU709 if frame.height >= _HIGH_DEFINITION else Colorspace.ITU601
    return space


def _is_full_range(frame: VideoFrame) -> bool:
    return frame.format.name.startswith("yuvj") or int(frame.color_range) == ColorRange.JPEG or frame.format.is_rgb


def _padded(plane: Plane, size: tuple[int, int]) -> Plane:
    """The plane with its last row and column repeated where `size` (height, width) is larger."""
    missing = ((0, size[0] - plane.shape[0]), (0, size[1] - plane.shape[1]))
    return np.pad(plane, missing, mode="edge") if any(after for _before, after in missing) else plane
