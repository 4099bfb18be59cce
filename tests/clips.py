"""Clips drawn for tests: every frame carries its index as a bar code, and an object whose truth is known.

The bar code is `CODE_BITS` squares in one row along the top edge, most significant bit first, white for one;
squares are large enough to survive H.264 and a resize to half the size.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

import av
import numpy as np

CODE_BITS = 10
SQUARE = 24  # pixels at the clip's own size
CODE_HEIGHT = SQUARE + 8  # of the black band that it lies in
WIDTH, HEIGHT = 320, 240
FRAME_RATE = 24

Timing = Literal["constant", "variable", "b_frames_edit_list"]


@dataclass(frozen=True)
class DrawnFrame:
    rgb: np.ndarray  # uint8 (HEIGHT, WIDTH, 3)
    truth: np.ndarray  # bool (HEIGHT, WIDTH): the ball


def draw_frame(index: int) -> DrawnFrame:
    """Frame `index`: a bright ball that crosses a dark woven ground, under the bar code of the index."""
    y, x, ground = _ground()
    rgb = ground.copy()
    centre_x, centre_y = 60 + 3.0 * index % (WIDTH - 120), 140 + 30 * np.sin(index / 6)
    distance = np.hypot(x - centre_x, y - centre_y)
    truth = distance < 34
    shade = 235 - 45 * (distance / 34)
    rgb[truth] = np.stack([shade, shade * 0.55, shade * 0.2], axis=-1)[truth]
    rgb[:CODE_HEIGHT] = 0
    for bit in range(CODE_BITS):
        if index >> (CODE_BITS - 1 - bit) & 1:
            left = 8 + bit * (SQUARE + 6)
            rgb[4 : 4 + SQUARE, left : left + SQUARE] = 255
    return DrawnFrame(rgb.clip(0, 255).astype(np.uint8), truth)


@cache
def _ground() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and the woven ground of every frame, float32."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    weave = 70 + 14 * np.sin(x / 7) * np.sin(y / 9)
    return y, x, np.stack([weave * 0.7, weave, weave * 1.25], axis=-1)


def read_index(rgb: np.ndarray) -> int:
    """The index a picture of a drawn frame shows; the picture may be resized. Raises when no code is readable."""
    scale_y, scale_x = rgb.shape[0] / HEIGHT, rgb.shape[1] / WIDTH
    index = 0
    for bit in range(CODE_BITS):
        centre_x = (8 + bit * (SQUARE + 6) + SQUARE / 2) * scale_x
        patch = rgb[
            int((4 + SQUARE * 0.3) * scale_y) : int((4 + SQUARE * 0.7) * scale_y) + 1,
            int(centre_x - SQUARE * 0.2 * scale_x) : int(centre_x + SQUARE * 0.2 * scale_x) + 1,
        ]
        brightness = float(patch.mean())
        if 90 < brightness < 165:
            raise ValueError(f"bit {bit} is neither black nor white: {brightness:.0f}")
        index = index << 1 | (brightness >= 165)
    return index


def write_clip(path: Path, timing: Timing, num_frames: int = 60) -> Path:
    """An H.264 MP4 of `num_frames` drawn frames with this timing."""
    path.write_bytes(_clip(timing, num_frames))
    return path


@cache
def _clip(timing: Timing, num_frames: int) -> bytes:
    """Encoded once: many tests have the same clip."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        num_b_frames = 3 if timing == "b_frames_edit_list" else 0
        stream.options = {"crf": "18", "bf": str(num_b_frames), "g": "250"}
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1200)
        pts = 0
        rng = np.random.default_rng(7)
        for index in range(num_frames):
            frame = av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 1200)
            container.mux(stream.encode(frame))
            pts += int(rng.integers(20, 120)) if timing == "variable" else 1200 // FRAME_RATE
        container.mux(stream.encode(None))
    return file.getvalue()


def iou(first: np.ndarray, second: np.ndarray) -> float:
    """Intersection over union of two bool masks; two empty ones agree."""
    union = np.logical_or(first, second).sum()
    return 1.0 if union == 0 else float(np.logical_and(first, second).sum() / union)
