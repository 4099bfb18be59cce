"""High dynamic range as standard range: PQ and HLG of BT.2100 in, BT.709 out.

A signal is turned into light, the light above the range of a standard screen is rolled off by the EETF of BT.2390
(section 5.4.1, on the largest of red, green and blue, so that hues stay), and the primaries become those of BT.709.
Diffuse white of 203 cd/m2 (BT.2408) stands for the white of the standard screen. All of that is one table of colours,
which libavfilter's `lut3d` applies.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av import VideoFrame
from av.filter import Graph
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from numpy.typing import NDArray

from model_server.pictures.filters import filter_chain

Light = NDArray[np.float64]
"""(..., 3) red, green, blue; in cd/m2 unless it says otherwise."""

_WHITE = 203.0  # cd/m2
_USUAL_PEAK = 1000.0  # cd/m2 of the screen it was made on, if the file does not say
_BRIGHTEST = 10000.0  # that PQ can express
_GRID = 65  # steps of the table along each side
_SCREEN_GAMMA = 2.4  # BT.1886
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593])  # of BT.2020's primaries

_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 32
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 128, 2392 / 128
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_HLG_GAMMA = 1.2  # of the whole system, on a screen of _USUAL_PEAK


@dataclass(frozen=True, slots=True)
class HighRange:
    """The kind of high dynamic range of a video."""

    is_pq: bool  # otherwise HLG
    is_wide: bool  # BT.2020's primaries
    peak: float  # cd/m2

    @classmethod
    def of(cls, frame: VideoFrame) -> "HighRange | None":
        """As the frame's tags say; None for standard range."""
        transfer, primaries = int(frame.color_trc), int(frame.color_primaries)
        if transfer not in (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67):
            return None
        is_pq = transfer == ColorTrc.SMPTE2084
        return cls(is_pq, primaries != ColorPrimaries.BT709, _peak_of(frame) if is_pq else _USUAL_PEAK)


def standard_range(signal: Light, kind: HighRange) -> Light:
    """RGB signals of the video (0..1) -> RGB signals of BT.709 (0..1)."""
    light = _eotf_pq(signal) if kind.is_pq else _eotf_hlg(signal)
    largest = light.max(axis=-1, keepdims=True)
    light = light * (_rolled_off(largest, kind.peak) / np.maximum(largest, 1e-6)) / _WHITE
    if kind.is_wide:
        light = light @ _TO_BT709.T
    return light.clip(0, 1) ** (1 / _SCREEN_GAMMA)


class ToneMapper:
    """Frames of one kind, and of any form -> planar RGB frames of standard range and of one size."""

    def __init__(self, kind: HighRange, *, size: tuple[int, int], folder: Path) -> None:
        """`size` is (width, height); the table is a file in the folder while it is read."""
        self._kind, self._size, self._folder = kind, size, folder
        self._form: tuple[int, int, str] | None = None
        self._filter: _Filter | None = None

    def map(self, frame: VideoFrame) -> VideoFrame:
        form = (frame.width, frame.height, frame.format.name)
        if self._filter is None or form != self._form:
            self._filter, self._form = _Filter(frame, self._kind, size=self._size, folder=self._folder), form
        return self._filter.map(frame)


class _Filter:
    """The filter for frames of one form."""

    def __init__(self, first: VideoFrame, kind: HighRange, *, size: tuple[int, int], folder: Path) -> None:
        table = folder / "colours.cube"
        _write_table(kind, table)
        width, height = size
        full = int(first.color_range) == ColorRange.JPEG or first.format.name.startswith("yuvj")
        scaled = f"w={width}:h={height}:flags=bicubic"
        if not first.format.is_rgb:
            scaled += f":in_color_matrix=bt2020:in_range={'pc' if full else 'tv'}"
        self._graph: Graph = filter_chain(
            first,
            [("scale", scaled), ("format", "gbrp12le"), ("lut3d", f"file={table}:interp=tetrahedral")],
        )
        table.unlink()

    def map(self, frame: VideoFrame) -> VideoFrame:
        self._graph.push(frame)
        mapped = self._graph.pull()
        assert isinstance(mapped, VideoFrame)
        return mapped


def _eotf_pq(signal: Light) -> Light:
    root = np.clip(signal, 0, 1) ** (1 / _PQ_M2)
    return _BRIGHTEST * (np.maximum(root - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * root)) ** (1 / _PQ_M1)


def _pq_of(light: Light) -> Light:
    power = (np.clip(light, 0, _BRIGHTEST) / _BRIGHTEST) ** _PQ_M1
    return ((_PQ_C1 + _PQ_C2 * power) / (1 + _PQ_C3 * power)) ** _PQ_M2


def _eotf_hlg(signal: Light) -> Light:
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12)
    brightness = (scene @ _LUMINANCE)[..., None]
    return _USUAL_PEAK * scene * np.maximum(brightness, 1e-9) ** (_HLG_GAMMA - 1)


def _rolled_off(light: Light, peak: float) -> Light:
    """The EETF of BT.2390 from a screen of this peak to one whose peak is diffuse white, both with a black of 0."""
    white = _pq_of(np.array(peak))
    target = _pq_of(np.array(_WHITE)) / white
    knee = 1.5 * target - 0.5
    signal = np.minimum(_pq_of(light) / white, 1)
    t = (signal - knee) / max(1 - knee, 1e-9)
    above = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * target
    return _eotf_pq(np.where(signal < knee, signal, above) * white)


def _peak_of(frame: VideoFrame) -> float:
    """The lower one of the peaks of the mastering screen and of the content, where the file tells them."""
    side_data: Any = frame.side_data  # PyAV's type for it is too narrow
    peaks: list[float] = []
    for name in ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"):
        try:
            data = bytes(side_data[name])
        except KeyError:
            continue
        if name == "CONTENT_LIGHT_LEVEL":
            peaks.append(float(struct.unpack_from("=I", data)[0]))
        else:  # after 8 fractions of colour and one of the darkest light
            numerator, denominator = struct.unpack_from("=2i", data, 72)
            peaks.append(float(Fraction(numerator, denominator)) if denominator > 0 else 0.0)
    told = [peak for peak in peaks if peak > 0]
    return min(max(min(told, default=_USUAL_PEAK), _WHITE), _BRIGHTEST)


def _write_table(kind: HighRange, target: Path) -> None:
    steps = np.linspace(0, 1, _GRID)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red changes fastest
    colours = standard_range(np.stack([red, green, blue], axis=-1), kind).reshape(-1, 3)
    lines = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in colours)
    target.write_text(f"LUT_3D_SIZE {_GRID}\n{lines}\n", encoding="ascii")
