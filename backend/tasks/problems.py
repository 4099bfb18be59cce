"""Problems of requests about tasks."""

from backend.problems import MaskloomError, NotFound


class TaskNotFound(NotFound):
    """There is no such task."""

    slug = "task-not-found"


class NoTask(NotFound):
    """The queue has nothing for this person right now."""

    slug = "no-task"
    title = "There is nothing to do"


class TaskTaken(MaskloomError):
    """The task is held by or reserved for somebody else, or this person may not do it."""

    status = 409
    title = "The task is not yours to take"
    slug = "task-taken"


class TaskOver(MaskloomError):
    """The task is done and can no longer be claimed or reassigned."""

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


class NothingToContest(MaskloomError):
    """Only a verdict that sent an object back to be refined can be contested."""

    status = 409
    title = "There is no verdict to contest"
    slug = "nothing-to-contest"


class CannotDoTask(MaskloomError):
    """The task is to verify what the person worked on."""

    status = 409
    title = "They could not do this task"
    slug = "cannot-do-task"


class UnknownUser(MaskloomError):
    """A task can only be assigned to a member of its project."""

    status = 422
    title = "There is no such person"
    slug = "unknown-user"


class PartOfStudy(MaskloomError):
    """A participant's task in a study cannot be given to anybody else."""

    status = 409
    title = "A part of a study stays its participant's"
    slug = "part-of-study"


class LabelsMissing(MaskloomError):
    """The project requires labels on a video before its annotation is submitted; the body lists the missing ones."""

    status = 409
    title = "Something is still to be said of the video"
    slug = "labels-missing"
