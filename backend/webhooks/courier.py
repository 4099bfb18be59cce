"""Sends what waits for webhooks, in every backend: signed, at least once, again after a while where it fails.

What happened is a row before its transaction has ended, so no crash loses it. A backend takes a webhook for as long as
one try may last, and sends it one delivery at a time; a slow receiver holds up nobody but itself. If the backend dies
meanwhile, another one tries again when that time is over, so a receiver can get a delivery twice, and knows it by its
id.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import aiohttp
import structlog
from sqlalchemy import func
from yarl import URL

from backend.background import background, end
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables import Webhook, WebhookDelivery
from backend.tables.states import DeliveryState, WebhookPause
from backend.webhooks import queries
from backend.webhooks.addresses import checked_sockets
from backend.webhooks.events import TEST, VERSION
from backend.webhooks.schedule import GIVEN_UP_AFTER, MOST_FAILED, wait_after
from backend.webhooks.signature import signed_headers

_log = structlog.get_logger()
LOOK_SECONDS = 1.0
TRY_SECONDS = 10.0
_TAKEN = timedelta(seconds=30)  # longer than a try with all that belongs to it
_AT_ONCE = 8  # webhooks that one backend sends to
_ANSWER_BYTES = 800  # that are read
_ANSWER_CHARACTERS = 200  # that are kept


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try went. Without a status nobody answered."""

    status: int | None
    text: str

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Courier:
    """Sends while `delivering` lasts."""

    def __init__(self, sessions: Sessions, settings: Settings, *, look_seconds: float | None = None) -> None:
        self._sessions = sessions
        self._origin = settings.public_origin or f"http://127.0.0.1:{settings.port}"
        self._reach = settings.webhooks_reach
        self._look_seconds = LOOK_SECONDS if look_seconds is None else look_seconds
        self._sending = set[asyncio.Task[None]]()
        self._free = asyncio.Event()

    @asynccontextmanager
    async def delivering(self) -> AsyncGenerator["Courier"]:
        """Send what is due, while the block lasts."""
        connector = aiohttp.TCPConnector(
            socket_factory=checked_sockets(self._reach), use_dns_cache=False, force_close=True, limit=0
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
            auto_decompress=False,
            headers={"User-Agent": f"Maskloom/{version('maskloom')}", "Accept-Encoding": "identity"},
        ) as http:
            async with background(self._keep_delivering(http)):
                yield self
            await end(self._sending)

    async def _keep_delivering(self, http: aiohttp.ClientSession) -> None:
        while True:
            self._free.clear()
            try:
                for webhook, delivery in await self._take(_AT_ONCE - len(self._sending)):
                    self._begin(self._deliver(http, webhook, delivery))
            except Exception as error:  # as without a database; what waits is in it
                _log.warning("webhooks.not_looked", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_seconds):
                    await self._free.wait()

    def _begin(self, sending: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(sending)
        self._sending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("webhooks.not_noted", error=type(error).__name__)
        else:
            self._free.set()  # there may be more for the same webhook

    async def _take(self, limit: int) -> list[tuple[Webhook, WebhookDelivery]]:
        """Of each of some webhooks the delivery that is due first. They are this backend's for a while."""
        if limit <= 0:
            return []
        async with self._sessions.begin() as session:
            webhooks = {webhook.id: webhook for webhook in await queries.claimable(session, limit=limit)}
            if not webhooks:
                return []
            due = await queries.first_due(session, webhooks)
            for webhook in webhooks.values():
                webhook.busy_until = func.now() + _TAKEN
        return [(webhooks[delivery.webhook_id], delivery) for delivery in due]

    async def _deliver(self, http: aiohttp.ClientSession, webhook: Webhook, delivery: WebhookDelivery) -> None:
        answer = await self._send(http, webhook, delivery)
        async with self._sessions.begin() as session:
            stored_webhook = await queries.lock_webhook(session, webhook.id)
            stored = await queries.lock_delivery(session, webhook.id, delivery.id)
            if stored_webhook is not None:
                stored_webhook.busy_until = None
            if stored_webhook is not None and stored is not None:
                _note(stored_webhook, stored, answer)

    async def _send(self, http: aiohttp.ClientSession, webhook: Webhook, delivery: WebhookDelivery) -> Answer:
        body = self._body(delivery)
        headers = signed_headers(webhook.secret, str(delivery.id), seconds=int(time.time()), body=body)
        try:
            async with http.post(
                URL(webhook.url),
                data=body,
                headers={"Content-Type": "application/json"} | headers,
                allow_redirects=False,
            ) as response:
                return Answer(response.status, await _excerpt(response))
        except TimeoutError:
            return Answer(None, f"No answer within {TRY_SECONDS:.0f} seconds.")
        except aiohttp.ClientConnectorDNSError as error:
            return Answer(None, _shown(f"The name {error.host} was not found."))
        except aiohttp.ClientConnectorError as error:
            return Answer(None, _shown(f"Not connected: {_reason(error.os_error)}."))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, _shown(f"Not an answer in HTTP: {error or type(error).__name__}."))

    def _body(self, delivery: WebhookDelivery) -> bytes:
        """The same at every try: it is made of what was stored when it happened."""
        return json.dumps(
            {
                "type": delivery.event,
                "timestamp": delivery.created_at.astimezone(UTC).isoformat(timespec="seconds"),
                "version": VERSION,
                "data": {**delivery.data, "url": f"{self._origin}{delivery.page}"},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()


def _note(webhook: Webhook, delivery: WebhookDelivery, answer: Answer) -> None:
    """Store how a try went, and what follows from it."""
    now = datetime.now(UTC)
    delivery.tries += 1
    delivery.tried_at = now
    delivery.status, delivery.answer = answer.status, answer.text
    if answer.is_success:
        delivery.state = DeliveryState.delivered
        webhook.failing_since, webhook.num_failed = None, 0
        return
    if delivery.event == TEST:  # it is tried once; whoever sends one may still be building the receiver
        delivery.state = DeliveryState.failed
        return
    failing_since = webhook.failing_since = webhook.failing_since or now
    if (wait := wait_after(delivery.tries)) is not None:
        delivery.due_at = now + wait
        return
    delivery.state = DeliveryState.failed
    webhook.num_failed += 1
    too_long = now - failing_since >= GIVEN_UP_AFTER or webhook.num_failed >= MOST_FAILED
    if too_long and webhook.pause is None:
        webhook.pause = WebhookPause.failing
        _log.warning("webhook.paused", webhook_id=str(webhook.id))


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """The beginning of an answer's body, as text that can be stored. One that breaks off has answered all the same."""
    content = b""
    with suppress(aiohttp.ClientError, TimeoutError, ValueError):
        while len(content) < _ANSWER_BYTES and (piece := await response.content.read(_ANSWER_BYTES - len(content))):
            content += piece
    return _shown(content.decode("utf-8", errors="replace"))


def _reason(error: OSError) -> str:
    """Why there is no connection, in the system's words; asyncio's name the call, and the address once more."""
    return os.strerror(error.errno) if error.errno else str(error)


def _shown(text: str) -> str:
    words = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(words.split())[:_ANSWER_CHARACTERS]
