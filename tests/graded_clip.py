"""A clip of high dynamic range whose colors are known."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from model_server.pictures import tone_map

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


def assert_drawn_colors(picture: np.ndarray) -> None:
    """That a picture of the clip shows the colors as a standard screen should."""
    shown = {name: picture[32, 64 * i + 32].astype(int).tolist() for i, name in enumerate(COLOURS)}
    assert min(shown["white"]) > 220
    assert max(shown["white"]) - min(shown["white"]) <= 4
    for channel, name in enumerate(("red", "green", "blue")):
        assert shown[name][channel] > 220, shown
        assert max(shown[name][:channel] + shown[name][channel + 1 :]) < 50, shown
    assert shown["grey"] == pytest.approx([125] * 3, abs=6)  # 255 x 0.18 ^ (1 / 2.4)
