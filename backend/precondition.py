"""The header by which an edit says which version it was made against."""

import re
from typing import Annotated

from fastapi import Depends, Header

from backend.problems import MaskloomError

_ETAG = re.compile(r'^\s*"?([0-9]{1,9})"?\s*$')


class PreconditionRequired(MaskloomError):
    """An edit needs the version it was made against in If-Match."""

    status = 428
    title = "The edit does not say which version it was made against"
    slug = "precondition-required"


async def _version(
    if_match: Annotated[
        str | None, Header(max_length=100, description='The version that was seen, in quotes, such as "3".')
    ] = None,
) -> int:
    match = _ETAG.match(if_match or "")
    if match is None:
        raise PreconditionRequired('Send the version you saw as If-Match: "<version>".')
    return int(match.group(1))


SeenVersion = Annotated[int, Depends(_version)]
"""For routes that replace or edit something with a version."""
