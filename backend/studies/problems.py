"""Why a study cannot be planned, started or closed."""

from backend.problems import MaskloomError, NotFound


class StudyNotFound(NotFound):
    """There is no such study."""

    slug = "study-not-found"


class StudyUnfit(MaskloomError):
    """The objects, people or phases do not make a study; the detail says why."""

    status = 422
    title = "This does not make a study"
    slug = "study-unfit"


class StudyNotReady(MaskloomError):
    """A study is started once, and closed once it runs."""

    status = 409
    title = "The study is not at that point"
    slug = "study-not-ready"
