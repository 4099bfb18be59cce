"""A mask in little memory, as it is stored and sent: decoded only where its pixels are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from model_server.masks import rle
from model_server.masks.rle import BoolMask


@dataclass(frozen=True, slots=True)
class PackedMask:
    """A mask as run lengths, at its own size: a few hundred bytes instead of a byte per pixel."""

    height: int
    width: int
    counts: str

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width), as of an array."""
        return self.height, self.width

    @classmethod
    def pack(cls, mask: BoolMask) -> PackedMask:
        """Pack a (height, width) bool mask."""
        return cls(mask.shape[0], mask.shape[1], rle.encode(mask))

    def unpack(self) -> BoolMask:
        """The (height, width) bool mask."""
        return rle.decode(self.counts, height=self.height, width=self.width)
