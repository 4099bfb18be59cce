"""Why a request about a task is refused."""

from backend.problems import MaskloomError, NotFound


class TaskNotFound(NotFound):
    """There is no such task."""

    slug = "task-not-found"


class NoTask(NotFound):
    """Nothing in the queue is for this person right now."""

    slug = "no-task"
    title = "There is nothing to do"


class TaskTaken(MaskloomError):
    """The task is held by or kept for somebody else, or may not be done by this person."""

    status = 409
    title = "The task is not yours to take"
    slug = "task-taken"


class TaskOver(MaskloomError):
    """The task is done; it is neither claimed nor handed on."""

    status = 409
    title = "The task is over"
    slug = "task-over"


class NothingToSubmit(MaskloomError):
    """The video has no object with a mask: outline one, hand the task back, or reject the video."""

    status = 409
    title = "There is nothing to submit"
    slug = "nothing-to-submit"


class NeedsVerdict(MaskloomError):
    """A verify task ends with a verdict, and only a task of a whole video can reject it."""

    status = 409
    title = "This task ends another way"
    slug = "needs-verdict"


class UnknownUser(MaskloomError):
    """A task is given to somebody who is there."""

    status = 422
    title = "There is no such person"
    slug = "unknown-user"


class PartOfStudy(MaskloomError):
    """What a participant does in a study is nobody else's."""

    status = 409
    title = "A part of a study stays its participant's"
    slug = "part-of-study"


class LabelsMissing(MaskloomError):
    """The project wants something known of every video before its annotation is submitted; the body lists what."""

    status = 409
    title = "Something is still to be said of the video"
    slug = "labels-missing"
