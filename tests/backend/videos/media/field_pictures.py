"""An H.264 stream of field pictures, written bit by bit: no encoder at hand writes fields as pictures of their own.

Every macroblock is uncompressed (I_PCM), so nothing but headers and samples has to be written. Sections are those of
ITU-T H.264.
"""

from collections.abc import Sequence

import numpy as np

_MACROBLOCK = 16
_PCM = 25  # mb_type of I_PCM in an I slice


class _Bits:
    def __init__(self) -> None:
        self._bits: list[int] = []

    def u(self, num_bits: int, value: int) -> "_Bits":
        self._bits += [value >> i & 1 for i in range(num_bits - 1, -1, -1)]
        return self

    def ue(self, value: int) -> "_Bits":
        length = (value + 1).bit_length()
        return self.u(length - 1, 0).u(length, value + 1)

    def aligned(self) -> "_Bits":
        return self.u(-len(self._bits) % 8, 0)

    def samples(self, data: bytes) -> "_Bits":
        self._bits += np.unpackbits(np.frombuffer(data, np.uint8)).tolist()
        return self

    def unit(self, header: int) -> bytes:
        """Section 7.3.1: with the stop bit and emulation prevention."""
        self.u(1, 1).aligned()
        protected = bytearray()
        for byte in np.packbits(np.array(self._bits, np.uint8)).tobytes():
            if byte <= 3 and protected[-2:] == b"\0\0":
                protected.append(3)
            protected.append(byte)
        return b"\0\0\0\1" + bytes([header]) + bytes(protected)


def access_units(fields: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[bytes]:
    """Two packets for each pair of luma fields, (H, W) uint8 with sides that are multiples of 16, top field first."""
    height, width = fields[0][0].shape
    units: list[bytes] = []
    for number, (top, bottom) in enumerate(fields):
        parameters = _sequence(width, height) + _picture()
        units.append(parameters + _slice(top, number, is_bottom=False))
        units.append(_slice(bottom, number, is_bottom=True))
    return units


def _sequence(width: int, field_height: int) -> bytes:
    bits = _Bits().u(8, 77).u(8, 0).u(8, 40).ue(0)  # Main profile, level 4.0
    bits.ue(0).ue(0).ue(4)  # frame_num of 4 bits; order counts of 8 bits
    bits.ue(1).u(1, 0).ue(width // _MACROBLOCK - 1).ue(field_height // _MACROBLOCK - 1)
    bits.u(1, 0).u(1, 0).u(1, 1)  # not only frames, no macroblock pairs, direct_8x8_inference
    return bits.u(1, 0).u(1, 0).unit(0x67)


def _picture() -> bytes:
    bits = _Bits().ue(0).ue(0).u(1, 0).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0)
    return bits.ue(0).ue(0).ue(0).u(1, 0).u(1, 0).u(1, 0).unit(0x68)


def _slice(luma: np.ndarray, number: int, *, is_bottom: bool) -> bytes:
    """Section 7.3.3: a top field is an IDR picture, and the bottom field after it an I picture of the same frame."""
    bits = _Bits().ue(0).ue(7).ue(0).u(4, 0).u(1, 1).u(1, is_bottom)
    if not is_bottom:
        bits.ue(number % 2)
    bits.u(8, int(is_bottom))
    bits.u(1, 0) if is_bottom else bits.u(1, 0).u(1, 0)
    bits.ue(0)  # slice_qp_delta
    chroma = bytes([128]) * (2 * 64)
    for y in range(0, luma.shape[0], _MACROBLOCK):
        for x in range(0, luma.shape[1], _MACROBLOCK):
            block = luma[y : y + _MACROBLOCK, x : x + _MACROBLOCK]
            bits.ue(_PCM).aligned().samples(block.tobytes() + chroma)
    return bits.unit(0x61 if is_bottom else 0x65)
