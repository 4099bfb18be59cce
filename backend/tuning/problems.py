"""Problems of tunings."""

from backend.problems import MaskloomError, NotFound


class TuningNotFound(NotFound):
    """There is no such tuning."""

    slug = "tuning-not-found"


class TooFewVideos(MaskloomError):
    """Tuning needs satisfactory masklets in videos of two different sources, so that one can be held out."""

    status = 409
    title = "There are too few verified videos"
    slug = "too-few-videos"


class TuningRunning(MaskloomError):
    """A tuning of this project is already running."""

    status = 409
    title = "A tuning of this project is running"
    slug = "tuning-running"


class TuningEnded(MaskloomError):
    """The tuning has ended, so it can no longer be cancelled."""

    status = 409
    title = "The tuning has ended"
    slug = "tuning-ended"


class TuningNotDone(MaskloomError):
    """The tuning has no new model, or not yet."""

    status = 409
    title = "There is no new model to decide about"
    slug = "tuning-not-done"


class ModelNameTaken(MaskloomError):
    """The catalogue has another model of this name."""

    status = 409
    title = "A model has this name"
    slug = "model-name-taken"


class CannotTrainHere(MaskloomError):
    """This server was installed without the packages that train models."""

    status = 409
    title = "This server cannot train"
    slug = "cannot-train-here"


class TuningFailed(MaskloomError):
    """The training program could not train the model; the detail tells why."""

    status = 422
    title = "The model could not be tuned"
    slug = "tuning-failed"
