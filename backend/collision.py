"""Requests that met another one halfway: what they read was changed or deleted before they could write.

Constraints of the database and counts of changed rows find out. Nothing of the request is stored then, and once more it
has its proper answer: the object is not there, or it was made already.
"""

from sqlalchemy import exc
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from backend.outage import causes
from backend.problems import MaskloomError

_MET = {"23503", "23505"}  # a row that it refers to is gone; a row with this key is there already
_GONE = (StaleDataError, ObjectDeletedError, exc.NoResultFound)


class Collision(MaskloomError):
    """Something else changed or deleted the same thing at the same moment. Nothing was stored; repeat the request."""

    status = 409
    title = "Another change came first"
    slug = "collision"
    retry_after_seconds = 1


def collision_of(error: BaseException) -> Collision | None:
    """The collision behind an error, however often it was wrapped; None if the error has another reason."""
    for inner in causes(error):
        if isinstance(inner, _GONE):
            return Collision()
        if isinstance(inner, exc.IntegrityError) and getattr(inner.orig, "sqlstate", None) in _MET:
            return Collision()
    return None
