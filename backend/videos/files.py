"""Responses that serve stored objects, whole or in byte ranges; browsers may cache them for ever."""

import re
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import Response, StreamingResponse

from backend.auth.tenure import while_it_stands
from backend.db.session import ShortSessions
from backend.problems import NotFound
from backend.storage.objects import ObjectStore
from backend.videos.problems import RangeNotSatisfiable
from backend.videos.service import require_ready_video

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
_BEYOND = 10**18  # what longer numbers mean, which are beyond the end of any object


@dataclass(frozen=True, slots=True)
class ObjectKeys:
    """The keys of a ready video's objects in the store."""

    proxy_key: str
    poster_key: str
    filmstrip_key: str
    frame_table_key: str


async def _keys(video_id: UUID, sessions: ShortSessions) -> ObjectKeys:
    async with sessions.begin() as session:  # short: none is held while the bytes are sent
        video = await require_ready_video(session, video_id)
    return ObjectKeys(
        video.proxy_key or "", video.poster_key or "", video.filmstrip_key or "", video.frame_table_key or ""
    )


StoredVideo = Annotated[ObjectKeys, Depends(_keys)]
"""The objects of a video that is ready. Any other video raises a problem."""


async def serve(request: Request, store: ObjectStore, key: str, *, media_type: str) -> Response:
    """Serve the object under a content-addressed key. Its ETag is the digest in the key.

    Raises:
        RangeNotSatisfiable: the request asks for bytes beyond the end.
        NotFound: the object is not there any more.
    """
    etag = f'"{key.split("/")[-2]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
    headers["Vary"] = "Cookie, Authorization"  # the next person to sign in must not get this one's cached copy
    if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    try:
        size = await store.size(key)
    except FileNotFoundError:  # deleted between the look into the database and this
        raise NotFound("Its file is gone.") from None
    wanted = request.headers.get("range")
    if wanted is not None and request.headers.get("if-range", etag) != etag:
        wanted = None
    interval = None if wanted is None else _interval(wanted, size)
    start, end = interval or (0, size)
    headers["Content-Length"] = str(end - start)
    status = 200
    if interval is not None:
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    body = while_it_stands(request, store.stream(key, start=start, end=end))
    return StreamingResponse(body, status_code=status, headers=headers, media_type=media_type)


def _interval(wanted: str, size: int) -> tuple[int, int] | None:
    """The first byte, and the one after the last; None where it is no single range, and is ignored (RFC 9110, 14.2)."""
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = (int(digits or 0) if len(digits) <= 18 else _BEYOND for digits in match.groups())
    if match[1] == "":
        start, end = max(0, size - last), size
    elif match[2] == "":
        start, end = first, size
    elif last < first:
        return None
    else:
        start, end = first, min(size, last + 1)
    if start >= end:
        raise RangeNotSatisfiable(f"The object has {size} bytes.", extra={"size": size})
    return start, end
