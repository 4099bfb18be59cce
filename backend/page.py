"""Pages of lists. An answer that is not the last page names the next one in its Link header (RFC 8288, rel="next").

A page begins after the sorting keys of the one before it, so rows that come or go meanwhile move no others.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response

from backend.problems import MaskloomError

Cursor = Annotated[str | None, Query(max_length=400, description="From the Link header of the page before.")]
PageLimit = Annotated[int, Query(ge=1, le=500, description="The most entries of a page.")]
PAGE_SIZE = 100


class BadCursor(MaskloomError):
    """This is not the cursor of a page of this list."""

    status = 422
    title = "Not a cursor"
    slug = "bad-cursor"


def keys_of(cursor: str | None, *forms: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """The sorting keys in a cursor, each read by its form; None for the first page.

    Raises:
        BadCursor: it was not made by `name_next`.
    """
    if cursor is None:
        return None
    try:
        keys: Any = json.loads(urlsafe_b64decode(cursor.encode()))
        return tuple(form(key) for form, key in zip(forms, keys, strict=True))
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError):
        raise BadCursor from None


def name_next(request: Request, response: Response, keys: Sequence[object]) -> None:
    """Say in the answer where the next page is, which begins after these keys."""
    cursor = urlsafe_b64encode(json.dumps([str(key) for key in keys]).encode()).decode()
    following = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
