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


class TooManyRequests(MaskloomError):
    """Wait for the answers to your earlier requests."""

    status = 429
    title = "Too many requests at once"
    slug = "too-many-requests"
    retry_after_seconds = 2
