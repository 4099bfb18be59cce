"""Problems of following a video."""

from backend.problems import MaskloomError


class TooManyStreams(MaskloomError):
    """You have too many pages open at once; close some."""

    status = 429
    title = "Too many change streams"
    slug = "too-many-streams"
    retry_after_seconds = 5
