from backend.problems import MaskloomError, NotFound


class MaskletIncomplete(MaskloomError):
    """A masklet is satisfactory on all of its annotated frames or not at all; some are still unknown or being made."""

    status = 409
    title = "The masklet is not complete"
    slug = "masklet-incomplete"


class NoVerdict(NotFound):
    """The masklet has no verdict to withdraw."""

    slug = "no-verdict"
