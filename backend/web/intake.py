"""A request's body on its way in: no more bytes, no more parts and no more time than agreed.

All of it is checked before a route knows who sent it, so that nobody can take the server's memory or its time.
"""

import asyncio

from starlette.types import Message, Receive

from backend.problems import MaskloomError

_MAX_MEMBERS = 30_000  # of all objects and lists of a body; the largest batch of activity has fewer
_SECONDS = 60.0  # for a whole body
_UPLOAD_SECONDS = 120.0  # for the next piece of a file


class BodyTooLarge(MaskloomError):
    """The body is larger than this server takes."""

    status = 413
    title = "Too large"
    slug = "body-too-large"


class BodyTooSlow(MaskloomError):
    """The body of the request did not arrive in time. Nothing was stored; send it again."""

    status = 408
    title = "The request took too long to arrive"
    slug = "body-too-slow"


class Intake:
    """Passes a body's messages on until something is too much; then `problem` says what."""

    def __init__(self, receive: Receive, limit: int, *, is_upload: bool) -> None:
        self.problem: MaskloomError | None = None
        self._receive = receive
        self._limit = limit
        self._is_upload = is_upload
        self._bytes = self._members = 0
        self._is_complete = False
        self._deadline: float | None = None

    async def receive(self) -> Message:
        """The next message.

        Raises:
            BodyTooLarge: a Content-Length may be missing or wrong.
            BodyTooSlow: the rest of the body does not come.
        """
        if self._is_complete:  # from here on this waits for the reader to leave
            return await self._receive()
        message = await self._in_time()
        body: bytes = message.get("body", b"")
        self._is_complete = not message.get("more_body", False)
        self._bytes += len(body)
        if self._bytes > self._limit:
            raise self._refuse(BodyTooLarge(f"The body may hold {self._limit} bytes at most."))
        if not self._is_upload:
            # Parsing a million of them, and telling what is wrong with each, takes long.
            self._members += body.count(b",")
            if self._members > _MAX_MEMBERS:
                raise self._refuse(BodyTooLarge(f"The body may hold {_MAX_MEMBERS} values at most."))
        return message

    async def _in_time(self) -> Message:
        now = asyncio.get_running_loop().time()
        if self._deadline is None or self._is_upload:
            self._deadline = now + (_UPLOAD_SECONDS if self._is_upload else _SECONDS)
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            raise self._refuse(BodyTooSlow()) from None

    def _refuse(self, problem: MaskloomError) -> MaskloomError:
        self.problem = problem
        return problem
