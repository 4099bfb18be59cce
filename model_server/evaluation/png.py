"""Label images: PNG files whose pixel values are object ids (palette or greyscale; 1, 2, 4 or 8 bits).

Written by hand because evaluation runs on torch and numpy alone.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREYSCALE, PALETTE = 0, 3


def read_labels(path: Path) -> NDArray[np.uint8]:
    """(H, W) raw pixel values; palettes are not applied. ValueError unless it is a label image of at most 8 bits."""
    data = path.read_bytes()
    if not data.startswith(SIGNATURE):
        raise ValueError(f"{path} is not a PNG file")
    chunks = list(_chunks(data))
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if colour not in (GREYSCALE, PALETTE) or bits > 8 or interlaced:
        raise ValueError(f"{path} is not a plain label image")
    packed = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    rows = _unfilter(np.frombuffer(packed, np.uint8).reshape(height, -1))
    if bits < 8:
        rows = np.unpackbits(rows, axis=1).reshape(height, -1, bits)
        rows = (rows << np.arange(bits - 1, -1, -1, dtype=np.uint8)).sum(axis=2, dtype=np.uint8)
    return rows[:, :width]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12


def _unfilter(filtered: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Undo the five line filters, for images of at most one byte per pixel."""
    above = np.zeros(filtered.shape[1] - 1, np.uint8)
    rows: list[NDArray[np.uint8]] = []
    for line in filtered:
        kind, row = int(line[0]), line[1:]
        if kind == 1:
            row = np.cumsum(row, dtype=np.uint8)
        elif kind == 2:
            row = row + above
        elif kind > 2:
            row = _predicted(kind, row, above)
        rows.append(row)
        above = row
    return np.stack(rows)


def _predicted(kind: int, row: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Undo the average (3) or Paeth (4) filter, which depends on the pixel just decoded."""
    result = bytearray(len(row))
    left = corner = 0
    for i, (value, up) in enumerate(zip(row.tolist(), above.tolist(), strict=True)):
        guess = (left + up) // 2 if kind == 3 else _paeth(left, up, corner)
        left, corner = (value + guess) % 256, up
        result[i] = left
    return np.frombuffer(bytes(result), np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    nearest = min(abs(estimate - left), abs(estimate - up), abs(estimate - corner))
    if nearest == abs(estimate - left):
        return left
    return up if nearest == abs(estimate - up) else corner
