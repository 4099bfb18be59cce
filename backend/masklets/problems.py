"""Problems of requests about masklets."""

from backend.leases.problems import LeaseHeld, LeaseLost, MaskletLocked
from backend.precondition import PreconditionRequired
from backend.problems import IdempotencyKeyReused, MaskloomError, NotFound
from backend.videos.problems import VideoNotReady


class ObjectsAreGiven(MaskloomError):
    """A participant of a study annotates the objects of the study, and adds none."""

    status = 409
    title = "The study says which objects there are"
    slug = "objects-are-given"


class MaskletNotFound(NotFound):
    """There is no such masklet, or it was deleted."""

    slug = "masklet-not-found"


class VersionConflict(MaskloomError):
    """The masklet has been edited since; the body has its current `version`."""

    status = 412
    title = "The masklet was edited meanwhile"
    slug = "version-conflict"


LEASE_ERRORS = (LeaseLost, LeaseHeld, MaskletLocked)
EDIT_ERRORS = (
    MaskletNotFound,
    VideoNotReady,
    PreconditionRequired,
    VersionConflict,
    IdempotencyKeyReused,
    *LEASE_ERRORS,
)
"""The problems that every edit of a masklet can end in."""
