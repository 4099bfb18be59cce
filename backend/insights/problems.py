"""Problems of requests for insights."""

from backend.problems import MaskloomError, NotFound


class UnknownFigure(NotFound):
    """No figure has this name."""

    slug = "unknown-figure"


class NotYourTime(MaskloomError):
    """Only managers of a project see the time of one other person."""

    status = 403
    title = "Another person's time"
    slug = "not-your-time"
