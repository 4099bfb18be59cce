"""A still picture of any depth as 8-bit RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

_WIDEST = 65535


def as_rgb(picture: Image.Image) -> Image.Image:
    """The picture upright and in RGB. 16-bit samples are scaled: Pillow alone would make white of all above 255.

    OSError for samples whose range nobody knows: floating point, and integers beyond 16 bits.
    """
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "F":
        raise OSError("its samples are floating-point numbers of unknown range")
    if upright.mode.startswith("I"):
        samples = np.asarray(upright).astype(np.int64)
        if samples.min() < 0 or samples.max() > _WIDEST:
            raise OSError(f"its samples are not within 0 to {_WIDEST}")
        upright = Image.fromarray(((samples * 255 + _WIDEST // 2) // _WIDEST).astype(np.uint8))
    return upright.convert("RGB")
