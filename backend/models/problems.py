"""Problems of choosing a model."""

from backend.problems import MaskloomError


class UnknownModel(MaskloomError):
    """The model server's catalogue has no model of this name."""

    status = 422
    title = "There is no such model"
    slug = "unknown-model"


class NothingToRollBack(MaskloomError):
    """No other model was used before, or every change was rolled back."""

    status = 409
    title = "There is nothing to roll back"
    slug = "nothing-to-roll-back"
