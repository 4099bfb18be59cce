"""Problems of authentication and authorization."""

from backend.problems import MaskloomError


class NotSignedIn(MaskloomError):
    """Sign in first."""

    status = 401
    title = "Not signed in"
    slug = "not-signed-in"


class NotAllowed(MaskloomError):
    """Your role does not allow this."""

    status = 403
    title = "Not allowed"
    slug = "not-allowed"
