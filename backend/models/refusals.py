from backend.problems import MaskloomError


class UnknownModel(MaskloomError):
    """The model server's catalogue has no model of this name."""

    status = 422
    title = "There is no such model"
    slug = "unknown-model"
