"""Problems and internal errors of calls to the model server."""

from collections.abc import Mapping
from typing import Any

from backend.problems import MaskloomError


class ModelServerUnavailable(MaskloomError):
    """The model server does not answer or is still loading. What was asked is stored and can be asked again."""

    status = 503
    title = "The model server is not available"
    slug = "model-server-unavailable"
    retry_after_seconds = 2


class ModelServerGone(ModelServerUnavailable):
    """Nothing answers at the model server's address, or the answer broke off."""


class ModelServerLost(ModelServerGone):
    """The model server took the request and then was gone, perhaps because of it."""


class ModelRefused(MaskloomError):
    """The model server understood the request and cannot carry it out."""

    status = 422
    title = "The model cannot do this"
    slug = "model-refused"


class ModelUnusable(MaskloomError):
    """The project's model is missing or cannot be loaded. What was asked is stored and can be asked again."""

    status = 409
    title = "The project's model cannot be used"
    slug = "model-unusable"

    def __init__(self, detail: str = "", *, extra: Mapping[str, Any] | None = None) -> None:
        """`detail` is the model server's."""
        advice = "Choose another model in the project's settings."
        super().__init__(detail if advice in detail else f"{detail.rstrip('.')}. {advice}", extra=extra)


class ModelFailed(MaskloomError):
    """The model server failed while it worked on the request."""

    status = 502
    title = "The model failed"
    slug = "model-failed"


class ModelTookTooLong(ModelFailed):
    """The model server gave up after working on the request for as long as it may."""

    status = 504
    title = "The model took too long"
    slug = "model-took-too-long"


class TrackingSessionUnknown(Exception):
    """The model server does not hold this tracking session: open it and restore its objects."""


class NeedsRestore(Exception):
    """The tracking session's history of an object is not the one that the request builds on."""


class TakenOver(Exception):
    """The tracking session was opened under a higher epoch: the video has moved, or its model was changed."""
