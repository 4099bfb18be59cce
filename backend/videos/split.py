"""Train, val and test: videos of one source - an author, a place, a recording - are never on two sides (SAM 2, 5.2)."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from backend.tables import Project, Video

Split = Literal["train", "val", "test"]


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent of the sources; what is left is train."""

    val: int
    test: int

    @classmethod
    def of(cls, project: Project) -> "Shares":
        return cls(project.val_percent, project.test_percent)


def split_of_source(source: str, shares: Shares) -> Split:
    """Follows from the source's name alone: new videos move no old ones, and larger shares only add to val and test.

    Test is counted from the top and val from the bottom of 0 to 100.
    """
    place = int.from_bytes(hashlib.sha256(source.encode()).digest()[:8]) / 2**64 * 100
    if place < shares.val:
        return "val"
    return "test" if place >= 100 - shares.test else "train"


def split_of(video: Video, shares: Shares) -> str:
    """What a person set, else what follows from the source; a video without a named source is one of its own."""
    return video.split or split_of_source(video.split_source or video.source_sha256 or video.name, shares)
