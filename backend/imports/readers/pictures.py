"""Masks in PNG: palette pictures, whose values are objects' ids, and binary ones."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import MAX_SIDE
from backend.imports.problems import UnreadableDataset

_MAX_PIXELS = 8192 * 8192
_NAMES = {"RGB": "colours", "RGBA": "colours with transparency", "LA": "gray with transparency", "1": "black and white"}


def ids_in(files: DatasetFiles, name: str) -> NDArray[np.uint8]:
    """A palette picture's values, uint8 (height, width).

    Raises:
        UnreadableDataset: it is no palette picture. It names the file.
    """
    with _opened(files, name) as picture:
        if picture.mode in ("I", "I;16", "I;16B", "F"):
            raise UnreadableDataset(f"{name} has values of 16 bits. Ids above 255 do not fit a palette picture.")
        if picture.mode not in ("P", "L"):
            kind = _NAMES.get(picture.mode, picture.mode)
            raise UnreadableDataset(
                f"{name} holds {kind}, not a palette: its pixels must be objects' ids, which colours do not tell."
            )
        values = _values(picture, name)
        if picture.mode == "L" and values.max(initial=0) == 255:
            raise UnreadableDataset(f"{name} is gray with 255 in it, as a mask of one object. It should be a palette.")
        return values


def pixels_in(files: DatasetFiles, name: str) -> NDArray[np.bool_]:
    """A binary picture's pixels, bool (height, width).

    Raises:
        UnreadableDataset: it has colours or more than two values. It names the file.
    """
    with _opened(files, name) as picture:
        if picture.mode not in ("P", "L", "1"):
            kind = _NAMES.get(picture.mode, picture.mode)
            raise UnreadableDataset(f"{name} holds {kind}, not black and white.")
        values = _values(picture, name)
    found = np.unique(values)
    if len(found) > 2 or (len(found) == 2 and found[0] != 0):
        raise UnreadableDataset(f"{name} has {len(found)} values; a mask has 0 outside the object and one inside.")
    return values > 0


def objects_in(values: NDArray[np.uint8]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The ids in a palette picture but 0, each with its pixels."""
    for value in np.flatnonzero(np.bincount(values.ravel(), minlength=256)[1:]) + 1:
        yield int(value), values == value


def _opened(files: DatasetFiles, name: str) -> Image.Image:
    content = files.read(name)
    try:
        picture: Any = Image.open(io.BytesIO(content), formats=["PNG"])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise UnreadableDataset(f"{name} is no PNG.") from None
    width, height = picture.size
    if max(width, height) > MAX_SIDE or width * height > _MAX_PIXELS:
        raise UnreadableDataset(f"{name} is {width} x {height} pixels, which is too large.")
    return picture


def _values(picture: Image.Image, name: str) -> NDArray[np.uint8]:
    try:
        return np.array(picture).astype(np.uint8)
    except (OSError, SyntaxError, ValueError, EOFError):
        raise UnreadableDataset(f"{name} is damaged.") from None
