"""Problems of searches for automatic masklets."""

from backend.problems import MaskloomError, NotFound


class AutoLabelingNotFound(NotFound):
    """There is no such search."""

    slug = "auto-labeling-not-found"


class AutoLabelingRunning(MaskloomError):
    """The video is already being searched."""

    status = 409
    title = "The video is already being searched"
    slug = "auto-labeling-running"


class AutoLabelingBroken(MaskloomError):
    """The found masklets could not be propagated through the video."""

    status = 502
    title = "The masklets could not be carried through the video"
    slug = "auto-labeling-broken"
