"""Draw the sample clip: things that cross, hide behind others, leave and come back, over a drifting ground."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyAV's stubs leave the type parameters of streams and packets open.

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from backend.sample.ground import meadow
from backend.sample.scene import FRAMES_PER_SECOND, HEIGHT, NUM_FRAMES, THINGS, WIDTH, camera

_SEED = 20
_GRAIN = 3.0  # standard deviation of the sensor noise, in grey levels
_SHADOW_COLOUR = (14, 22, 16)
_SHADOW_OFFSET = (7, 11)
_SHADOW_MARGIN = 15  # pixels by which a shadow extends beyond its thing


def frames() -> Iterator[NDArray[np.uint8]]:
    """The clip's frames, (HEIGHT, WIDTH, 3) RGB, the same every time."""
    ground = Image.fromarray(meadow(WIDTH + 220, HEIGHT + 80, seed=_SEED).astype(np.uint8))
    rng = np.random.default_rng(_SEED)
    for i in range(NUM_FRAMES):
        left, top = camera(i)
        # Sub-pixel drift, as with a hand-held camera.
        window = ground.transform(
            (WIDTH, HEIGHT), Image.Transform.AFFINE, (1, 0, left, 0, 1, top), Image.Resampling.BICUBIC
        )
        for thing in THINGS:
            _place(window, thing.sprite(i), *thing.at(i))
        noisy = np.asarray(window, np.float32) + rng.normal(0, _GRAIN, (HEIGHT, WIDTH, 1))
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def write_clip(path: Path) -> None:
    """Write the clip as an MP4 of good quality."""
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "14", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for i, picture in enumerate(frames()):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FRAMES_PER_SECOND)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _place(picture: Image.Image, sprite: Image.Image, x: float, y: float) -> None:
    """Paste a sprite centred at (x, y), with a soft shadow to its lower right."""
    left, top = round(x - sprite.width / 2), round(y - sprite.height / 2)
    shadow = ImageOps.expand(sprite.getchannel("A").point(lambda alpha: int(alpha * 0.28)), _SHADOW_MARGIN)
    shadow = shadow.filter(ImageFilter.GaussianBlur(_SHADOW_MARGIN / 3))
    corner = (left + _SHADOW_OFFSET[0] - _SHADOW_MARGIN, top + _SHADOW_OFFSET[1] - _SHADOW_MARGIN)
    picture.paste(_SHADOW_COLOUR, (*corner, corner[0] + shadow.width, corner[1] + shadow.height), shadow)
    picture.paste(sprite, (left, top), sprite)
