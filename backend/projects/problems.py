"""Problems of requests about projects."""

from backend.problems import MaskloomError, NotFound


class ProjectNotFound(NotFound):
    """There is no such project, or no longer."""

    slug = "project-not-found"


class SharesTooLarge(MaskloomError):
    """The shares of val and test add up to more than 100 percent."""

    status = 422
    title = "The shares are more than a whole"
    slug = "shares-too-large"
