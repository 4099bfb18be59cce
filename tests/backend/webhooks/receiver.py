"""A program that receives webhooks, in the test's own process."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.architecture.repository import ROOT

WAIT_SECONDS = 20
_PAGE = ROOT / "backend/webhooks/README.md"


@dataclass(frozen=True)
class Message:
    """One request as it came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """What came, and what is answered: first each of `answers`, then always 200."""

    url: str = ""
    messages: list[Message] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    elsewhere: int = 0  # requests to an address that answers redirect to
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def take(self, request: web.Request) -> web.Response:
        self.messages.append(Message(request.headers.copy(), await request.read()))
        await self.may_answer.wait()
        return self.answers.pop(0) if self.answers else web.Response()

    async def take_elsewhere(self, _request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    async def has(self, number: int) -> list[Message]:
        await until(lambda: len(self.messages) >= number)
        return self.messages


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, application = Receiver(), web.Application()
    application.router.add_post("/hook", receiver.take)
    application.router.add_route("*", "/elsewhere", receiver.take_elsewhere)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        await runner.cleanup()


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        held = holds()
        if held if isinstance(held, bool) else await held:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


def is_genuine(message: Message, secret: str) -> bool:
    """As the page for receivers says, word for word."""
    code = re.search(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code.group(1), names)
    return bool(names["is_genuine"](message.headers, message.body, secret))
