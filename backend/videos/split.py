"""Train, val and test splits that keep all videos of an author, location or recording on one side (SAM 2, 5.2)."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from backend.tables import Project, Video

Split = Literal["train", "val", "test"]


@dataclass(frozen=True, slots=True)
class Shares:
    """Percentages of the sources for val and test; the rest is train."""

    val: int
    test: int

    @classmethod
    def of(cls, project: Project) -> "Shares":
        return cls(project.val_percent, project.test_percent)


def split_of_source(source: str, shares: Shares) -> Split:
    """The split of a source, from its name alone: new videos move no old ones; larger shares only add to val and test.

    Sources are spread over 0 to 100; val is taken from the bottom and test from the top.
    """
    place = int.from_bytes(hashlib.sha256(source.encode()).digest()[:8]) / 2**64 * 100
    if place < shares.val:
        return "val"
    return "test" if place >= 100 - shares.test else "train"


def split_of(video: Video, shares: Shares) -> str:
    """The split that a person set, or else the source's. A video without a named source is its own source."""
    return video.split or split_of_source(video.split_source or video.source_sha256 or video.name, shares)
