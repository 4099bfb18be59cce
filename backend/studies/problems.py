"""Problems of planning, starting and closing a study."""

from backend.problems import MaskloomError, NotFound


class StudyNotFound(NotFound):
    """There is no such study."""

    slug = "study-not-found"


class StudyUnfit(MaskloomError):
    """These objects, people and phases cannot form a study; the detail tells why."""

    status = 422
    title = "This does not make a study"
    slug = "study-unfit"


class StudyNotReady(MaskloomError):
    """A study can be started once, and its objects need their masks."""

    status = 409
    title = "The study is not at that point"
    slug = "study-not-ready"
