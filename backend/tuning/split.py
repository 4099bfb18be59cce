"""The split into training and held-out videos: by source, and permanent."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

HELD_OUT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class VerifiedVideo:
    """A video with satisfactory masklets. Uploads of the same file have one source."""

    id: UUID
    name: str
    source: str
    num_masklets: int


def held_out(videos: Sequence[VerifiedVideo], before: Collection[UUID]) -> set[UUID]:
    """Choose the videos to hold out: about a fifth of the sources, at least one, and never all of them.

    Videos that were held out `before` stay so, because a later tuning must not train on what an earlier one was
    compared on. Others are added in an order that depends on their content alone. Empty if there is only one source.
    """
    sources = sorted({video.source for video in videos}, key=lambda source: hashlib.sha256(source.encode()).digest())
    if len(sources) < 2:
        return set()
    known = {video.source for video in videos if video.id in before}
    wanted = max(1, round(HELD_OUT_SHARE * len(sources)))
    kept = [source for source in sources if source in known]
    kept += [source for source in sources if source not in known][: max(0, wanted - len(kept))]
    chosen = set(kept[: len(sources) - 1])
    return {video.id for video in videos if video.source in chosen}
