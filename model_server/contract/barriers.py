"""Where a propagation stops: at the locked frames nearest to where it begins. Both sides count with this."""

from collections.abc import Collection


def reach(start_frame: int, first_frame: int, last_frame: int, locked: Collection[int]) -> range:
    """The frames an object's propagation may come to from `start_frame` within [first_frame, last_frame].

    A locked frame is a barrier: neither it nor what lies beyond is in reach. A locked start is no barrier, since the
    propagation leaves it in both directions; it is in the range all the same, and nothing may change it.
    """
    before = max((frame + 1 for frame in locked if frame < start_frame), default=first_frame)
    after = min((frame - 1 for frame in locked if frame > start_frame), default=last_frame)
    return range(max(first_frame, before), min(last_frame, after) + 1)
