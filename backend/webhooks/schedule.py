"""When a delivery that failed is tried again, and when a webhook is given up."""

from datetime import timedelta

WAITS = tuple(
    timedelta(**wait)
    for wait in ({"seconds": 5}, {"minutes": 1}, {"minutes": 10}, {"hours": 1}, {"hours": 4}, {"hours": 16})
)
"""After each failed try. Who does not answer for 21 hours misses a delivery, which can be sent again by hand."""

GIVEN_UP_AFTER = timedelta(days=3)
"""A webhook that succeeded in nothing for so long is paused when the next delivery fails for good ..."""

MOST_FAILED = 50
"""... or when so many in a row have failed for good."""

KEPT = timedelta(days=30)
"""Deliveries are listed for so long, and then deleted."""


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed tries; None: that was the last one."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
