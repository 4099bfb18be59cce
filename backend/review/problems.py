"""Problems of verdicts."""

from backend.problems import MaskloomError, NotFound


class MaskletIncomplete(MaskloomError):
    """A masklet can be satisfactory only when all of its annotated frames have masks; some do not yet."""

    status = 409
    title = "The masklet is not complete"
    slug = "masklet-incomplete"


class NotThatLong(MaskloomError):
    """The verdict names a frame that the video does not have."""

    status = 422
    title = "The video is not that long"
    slug = "not-that-long"


class NoVerdict(NotFound):
    """The masklet has no verdict to withdraw."""

    slug = "no-verdict"


class OwnWork(MaskloomError):
    """In this project nobody may verify their own work."""

    status = 403
    title = "Nobody verifies their own work"
    slug = "own-work"
