"""Why an edit of a masklet is refused."""

from backend.leases.problems import LeaseHeld, LeaseLost, MaskletLocked
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


class PreconditionRequired(MaskloomError):
    """Edits of a masklet say which version they were made against, in If-Match."""

    status = 428
    title = "The edit does not say which version it was made against"
    slug = "precondition-required"


class VersionConflict(MaskloomError):
    """Somebody edited the masklet meanwhile; the body carries its current `version`."""

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
"""What every edit of a masklet may end in."""
