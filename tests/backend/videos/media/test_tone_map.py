"""High dynamic range becomes standard range: white is white, colors are those that were drawn."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from backend.videos.media import tone_map
from backend.videos.media.tone_map import HighRange, standard_range
from tests.backend.videos.media.recorded import ingested, pictures

COLOURS = {"white": (1, 1, 1), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "grey": (0.18, 0.18, 0.18)}
TRANSFERS = {"pq": 16, "hlg": 18}
BT2020 = np.linalg.inv(tone_map._TO_BT709)


def pq(light: np.ndarray) -> np.ndarray:
    """cd/m2 -> signal; SMPTE ST 2084, equation 5.2, written anew."""
    y = (light / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(light: np.ndarray) -> np.ndarray:
    """cd/m2 on a screen of 1000 -> signal; BT.2100, tables 5."""
    shown = light / 1000
    brightness = shown @ np.array([0.2627, 0.678, 0.0593])
    scene = shown * brightness ** (1 / 1.2 - 1)
    return np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    )


def graded(path: Path, transfer: str, pixels: str = "yuv420p10le", *, full: bool = False) -> Path:
    """Stripes of the colors at a diffuse white of 203 cd/m2, as HEVC, or H.264 where there are 8 bits."""
    signal = pq if transfer == "pq" else hlg
    picture = np.zeros((64, 64 * len(COLOURS), 3), np.uint16)
    for stripe, colour in enumerate(COLOURS.values()):
        light = 203 * (BT2020 @ np.array(colour, float)).clip(1e-6)
        picture[:, 64 * stripe : 64 * (stripe + 1)] = np.round(signal(light).clip(0, 1) * 65535)
    kind = ColorRange.JPEG if full else ColorRange.MPEG
    frame = VideoReformatter().reformat(
        av.VideoFrame.from_ndarray(picture, format="rgb48le"),
        format=pixels,
        dst_colorspace=Colorspace.BT2020_NCL if hasattr(Colorspace, "BT2020_NCL") else 9,
        src_color_range=ColorRange.JPEG,
        dst_color_range=kind,
    )
    with av.open(str(path), "w", format="matroska") as output:
        stream = output.add_stream("libx265", rate=25, options={"crf": "4", "x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixels
        context = stream.codec_context
        context.colorspace, context.color_primaries = 9, 9
        context.color_trc, context.color_range = TRANSFERS[transfer], int(kind)
        for index in range(3):
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("transfer", "pixels", "full"),
    [
        ("pq", "yuv420p10le", False),
        ("hlg", "yuv420p10le", False),
        ("pq", "yuv420p12le", False),
        ("pq", "yuv444p10le", True),
    ],
)
def test_drawn_colors_come_back(tmp_path: Path, transfer: str, pixels: str, full: bool) -> None:
    made = ingested(graded(tmp_path / "graded.mkv", transfer, pixels, full=full), tmp_path / "made")
    assert made.warnings == ["is high dynamic range: its colors were mapped to standard range"]
    picture = pictures(tmp_path / "made")[1]
    shown = {name: picture[32, 64 * i + 32].astype(int).tolist() for i, name in enumerate(COLOURS)}
    assert min(shown["white"]) > 220
    assert max(shown["white"]) - min(shown["white"]) <= 4
    for channel, name in enumerate(("red", "green", "blue")):
        assert shown[name][channel] > 220, shown
        assert max(shown[name][:channel] + shown[name][channel + 1 :]) < 50, shown
    assert shown["grey"] == pytest.approx([125] * 3, abs=6)  # 255 x 0.18 ^ (1 / 2.4)


@pytest.mark.parametrize("peak", [400.0, 1000.0, 4000.0, 10000.0])
def test_brighter_stays_brighter_up_to_the_peak(peak: float) -> None:
    signal = pq(np.geomspace(0.01, peak, 200))
    shown = standard_range(np.stack([signal] * 3, axis=1), HighRange(is_pq=True, is_wide=True, peak=peak))[:, 1]
    assert (np.diff(shown) >= -1e-9).all()
    assert shown[-1] == pytest.approx(1, abs=1e-3)


def test_standard_light_is_kept_when_the_peak_is_diffuse_white() -> None:
    light = np.linspace(0.05, 1, 20)
    shown = standard_range(np.stack([pq(203 * light)] * 3, axis=1), HighRange(is_pq=True, is_wide=True, peak=203))
    assert shown == pytest.approx(np.stack([light ** (1 / 2.4)] * 3, axis=1), abs=2e-3)


class _Tagged:
    """The tags of a decoded frame."""

    color_trc, color_primaries = 16, 9

    def __init__(self, **side_data: bytes) -> None:
        self.side_data = side_data


@pytest.mark.parametrize(
    ("light", "mastering", "peak"),
    [
        (0, None, 1000),
        (600, None, 600),
        (0, (4000, 1), 4000),
        (1200, (4000, 1), 1200),
        (0, (0, 0), 1000),
        (50, None, 203),
    ],
)
def test_the_peak_is_what_the_file_tells(light: int, mastering: tuple[int, int] | None, peak: float) -> None:
    told = {"CONTENT_LIGHT_LEVEL": struct.pack("=2I", light, 0)}
    if mastering:
        told["MASTERING_DISPLAY_METADATA"] = bytes(72) + struct.pack("=2i", *mastering) + bytes(8)
    kind = HighRange.of(_Tagged(**told))  # type: ignore[arg-type]
    assert kind is not None
    assert kind.peak == peak
