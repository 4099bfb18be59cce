"""What can be wrong with a request about a project."""

from backend.problems import MaskloomError, NotFound


class ProjectNotFound(NotFound):
    """There is no such project, or no longer."""

    slug = "project-not-found"


class SharesTooLarge(MaskloomError):
    """What val and test ask for is more than there is."""

    status = 422
    title = "The shares are more than a whole"
    slug = "shares-too-large"
