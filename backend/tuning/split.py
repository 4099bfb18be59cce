"""Which videos train and which are kept to judge by: by source, and for good."""

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
    """Those to judge by: at least one source and a fifth of them, never the last one.

    What was held out `before` stays so: a later turn must not be trained on what an earlier one was judged by. Others
    join in an order that follows from their content alone. Empty where there is but one source.
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
