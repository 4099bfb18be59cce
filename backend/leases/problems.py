"""Problems of writes to work that somebody else holds."""

from backend.problems import MaskloomError


class LeaseLost(MaskloomError):
    """The task was reassigned or finished after this lease was given; what was saved before stays."""

    status = 409
    title = "You no longer hold this task"
    slug = "lease-lost"


class LeaseHeld(MaskloomError):
    """Somebody else is working there; the body has the end of their lease."""

    status = 409
    title = "Somebody else is working on this"
    slug = "lease-held"


class MaskletLocked(MaskloomError):
    """The masklet was made automatically and verified; only a refine task can change it."""

    status = 409
    title = "The masklet is verified and locked"
    slug = "masklet-locked"
