"""Why a tuning cannot be started, stopped or decided on."""

from backend.problems import MaskloomError, NotFound


class TuningNotFound(NotFound):
    """There is no such tuning."""

    slug = "tuning-not-found"


class TooFewVideos(MaskloomError):
    """A model is judged on videos it never saw, so it takes two with a satisfactory masklet from different sources."""

    status = 409
    title = "There are too few verified videos"
    slug = "too-few-videos"


class TuningRunning(MaskloomError):
    """The project is being trained on already."""

    status = 409
    title = "A tuning of this project is running"
    slug = "tuning-running"


class TuningEnded(MaskloomError):
    """It is over: there is nothing left to cancel."""

    status = 409
    title = "The tuning has ended"
    slug = "tuning-ended"


class TuningNotDone(MaskloomError):
    """There is no new model to decide about, or not yet."""

    status = 409
    title = "There is no new model to decide about"
    slug = "tuning-not-done"


class ModelNameTaken(MaskloomError):
    """The catalogue has another model of this name."""

    status = 409
    title = "A model has this name"
    slug = "model-name-taken"


class CannotTrainHere(MaskloomError):
    """This server was installed without what trains models."""

    status = 409
    title = "This server cannot train"
    slug = "cannot-train-here"


class TuningFailed(MaskloomError):
    """The training program says that it cannot be done; the detail says why."""

    status = 422
    title = "The model could not be tuned"
    slug = "tuning-failed"
