"""Where a propagation stops: at the locked frames nearest to its start. Backend and model server share this rule."""

from collections.abc import Collection


def reach(start_frame: int, first_frame: int, last_frame: int, locked: Collection[int]) -> range:
    """The frames that an object's propagation can reach from `start_frame` within [first_frame, last_frame].

    A locked frame is a barrier: neither it nor anything beyond it is reachable. A locked start frame is not a barrier,
    because the propagation leaves it in both directions; it is part of the range, but nothing may change its mask.
    """
    before = max((frame + 1 for frame in locked if frame < start_frame), default=first_frame)
    after = min((frame - 1 for frame in locked if frame > start_frame), default=last_frame)
    return range(max(first_frame, before), min(last_frame, after) + 1)
