"""Why a verdict is not taken."""

from backend.problems import MaskloomError, NotFound


class MaskletIncomplete(MaskloomError):
    """A masklet is satisfactory on all of its annotated frames or not at all; some are still unknown or being made."""

    status = 409
    title = "The masklet is not complete"
    slug = "masklet-incomplete"


class NoVerdict(NotFound):
    """The masklet has no verdict to withdraw."""

    slug = "no-verdict"


class OwnWork(MaskloomError):
    """The project has several people, and wants nobody to verify what they made."""

    status = 403
    title = "Nobody verifies their own work"
    slug = "own-work"
