"""Masks in a prompt file: COCO run lengths, or the path of an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from model_server.masks import rle
from model_server.segmenter import Mask


def mask_of_run_lengths(counts: str | list[int], *, height: int, width: int) -> Mask:
    """(height, width) bool from compressed or uncompressed COCO counts. ValueError unless they fit the size exactly."""
    if isinstance(counts, str):
        return rle.decode(counts, height=height, width=width)
    runs = np.asarray(counts, np.int64)
    if (runs < 0).any() or (runs > height * width).any() or int(runs.sum()) != height * width:
        raise ValueError(f"the run lengths do not cover a mask of {height} x {width} pixels")
    inside = np.arange(runs.size) % 2 == 1
    return np.ascontiguousarray(np.repeat(inside, runs).reshape(width, height).T)


def mask_of_picture(path: Path, value: int | None) -> Mask:
    """(H, W) bool: where the image has this value (a palette index, not a colour), or any value but 0.

    ValueError if the image is missing or unreadable, or has colours to which a value does not apply.
    """
    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture)
    except FileNotFoundError as error:
        raise ValueError(f"there is no picture at {path}") from error
    except (OSError, UnidentifiedImageError) as error:
        raise ValueError(f"{path} is not a picture that can be read: {error}") from error
    return _where(pixels, value)


def _where(pixels: NDArray[np.uint8], value: int | None) -> Mask:
    if pixels.ndim == 3 and value is not None:
        raise ValueError("only pictures with one number per pixel (grey or palette) have values to choose by")
    planes = pixels.reshape(*pixels.shape[:2], -1)[..., :3]  # an alpha channel does not tell where the object is
    return (planes != 0 if value is None else planes == value).any(axis=-1)
