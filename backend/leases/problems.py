"""Why a write is refused because of who holds the work."""

from backend.problems import MaskloomError


class LeaseLost(MaskloomError):
    """The task has changed hands, or is over, since this lease was given; what was saved before stays."""

    status = 409
    title = "You no longer hold this task"
    slug = "lease-lost"


class LeaseHeld(MaskloomError):
    """Somebody else is working there; the body says until when at least."""

    status = 409
    title = "Somebody else is working on this"
    slug = "lease-held"


class MaskletLocked(MaskloomError):
    """A verified automatic masklet is part of what the video starts with; only a refine task opens it again."""

    status = 409
    title = "The masklet is verified and locked"
    slug = "masklet-locked"
