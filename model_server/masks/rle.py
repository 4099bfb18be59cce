"""Compressed COCO run lengths, identical to those of pycocotools, in numpy.

A mask is read column by column. Runs alternate between outside and inside; the first is outside and may be 0. From the
fourth run on, the difference from the run two before is stored. Each number becomes characters of five bits, lowest
first: bit 5 marks that more follow, bit 4 of the last one is the sign, and 48 is added to stay within ASCII.
"""

import numpy as np
from numpy.typing import NDArray

BoolMask = NDArray[np.bool_]
_CHARACTERS_PER_NUMBER = 7  # 35 bits: more than any run of a mask under 2^34 pixels needs


def encode(mask: BoolMask) -> str:
    """(H, W) bool -> compressed counts."""
    return _compress(_runs(mask))


def decode(counts: str, *, height: int, width: int) -> BoolMask:
    """Compressed counts -> (height, width) bool, C-contiguous. ValueError unless they cover the frame exactly."""
    runs = _checked_runs(counts, height=height, width=width)
    inside = np.arange(runs.size) % 2 == 1
    return np.ascontiguousarray(np.repeat(inside, runs).reshape(width, height).T)


def area(counts: str, *, height: int, width: int) -> int:
    """Pixels inside the mask, without decoding it. ValueError unless the counts cover the frame exactly."""
    return int(_checked_runs(counts, height=height, width=width)[1::2].sum())


def _runs(mask: BoolMask) -> NDArray[np.int64]:
    """Run lengths in column order.

    Only the positions where the value changes are sorted into column order; transposing the mask would cost ten times
    more.
    """
    height, width = mask.shape
    if mask.size == 0:
        raise ValueError("a mask has at least one pixel")
    changes = np.empty((height, width), dtype=np.bool_)
    np.not_equal(mask[1:], mask[:-1], out=changes[1:])
    np.not_equal(mask[0, 1:], mask[-1, :-1], out=changes[0, 1:])
    changes[0, 0] = mask[0, 0]
    rows, columns = np.divmod(np.flatnonzero(changes), width)
    starts = np.sort(columns * height + rows)
    return np.diff(starts, prepend=0, append=mask.size)


def _checked_runs(counts: str, *, height: int, width: int) -> NDArray[np.int64]:
    runs = _decompress(counts)
    # Each run is checked before the sum: wild values could wrap around to the right total.
    if (runs < 0).any() or (runs > height * width).any() or int(runs.sum()) != height * width:
        raise ValueError(f"the run lengths do not cover a mask of {height} x {width} pixels")
    return runs


def _compress(runs: NDArray[np.int64]) -> str:
    values = runs.copy()
    values[3:] -= runs[1:-2]
    digits = np.empty((values.size, _CHARACTERS_PER_NUMBER), dtype=np.int64)
    used = np.ones((values.size, _CHARACTERS_PER_NUMBER), dtype=np.bool_)
    rest = values
    for place in range(_CHARACTERS_PER_NUMBER):
        digit = rest & 0x1F
        rest = rest >> 5
        more: BoolMask = np.where(digit & 0x10, rest != -1, rest != 0)  # pyright: ignore[reportUnknownVariableType] - numpy
        digits[:, place] = digit | (more << 5)
        if place + 1 < _CHARACTERS_PER_NUMBER:
            used[:, place + 1] = used[:, place] & more
    return (digits[used] + 48).astype(np.uint8).tobytes().decode("ascii")


def _decompress(counts: str) -> NDArray[np.int64]:
    try:
        digits = np.frombuffer(counts.encode("ascii"), dtype=np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError:
        raise ValueError("run lengths are ASCII") from None
    if digits.size == 0 or digits.min() < 0 or digits.max() > 63 or digits[-1] & 0x20:
        raise ValueError("malformed run lengths")
    lasts = np.flatnonzero((digits & 0x20) == 0)
    firsts = np.concatenate(([0], lasts[:-1] + 1))
    lengths = lasts - firsts + 1
    if lengths.max() > _CHARACTERS_PER_NUMBER:
        raise ValueError("malformed run lengths")
    places = np.arange(digits.size) - np.repeat(firsts, lengths)
    values = np.add.reduceat((digits & 0x1F) << (5 * places), firsts)
    values -= np.where(digits[lasts] & 0x10, np.int64(1) << (5 * lengths), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values
