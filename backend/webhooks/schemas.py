"""Bodies of requests and responses about webhooks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from yarl import URL

from backend.db.text import STORABLE
from backend.tables.states import DeliveryState, WebhookPause
from backend.webhooks.events import WebhookEvent

_MAX_URL_LENGTH = 2000


def _callable(text: str) -> str:
    """The address as it will be called."""
    url = _parsed(text)
    if url is None or url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError("must be an address that begins with https:// or http://")
    if url.user is not None or url.password is not None:
        raise ValueError("must not contain a name or password; the signature says who sends")
    if url.raw_fragment:
        raise ValueError("must not contain a #, because what follows it is never sent")
    return str(url)


def _parsed(text: str) -> URL | None:
    if not text.isprintable() or " " in text:
        return None
    try:
        return URL(text)
    except ValueError:
        return None


def _each_once(events: list[WebhookEvent]) -> list[WebhookEvent]:
    return [event for event in WebhookEvent if event in events]


WebhookUrl = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=_MAX_URL_LENGTH), STORABLE, AfterValidator(_callable)
]
WebhookNote = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), STORABLE]
ChosenEvents = Annotated[
    list[WebhookEvent], Field(min_length=1, max_length=2 * len(WebhookEvent)), AfterValidator(_each_once)
]


class WebhookCreate(BaseModel):
    """`events` are what the address is told of; `note` says what it is for."""

    model_config = ConfigDict(extra="forbid")

    url: WebhookUrl
    events: ChosenEvents
    note: WebhookNote = ""


class WebhookUpdate(BaseModel):
    """Whoever sets `paused` to false answers for the webhook from then on."""

    model_config = ConfigDict(extra="forbid")

    url: WebhookUrl | None = None
    events: ChosenEvents | None = None
    note: WebhookNote | None = None
    paused: bool | None = None


class WebhookRead(BaseModel):
    """A webhook, without its secret."""

    id: UUID
    url: str
    events: list[WebhookEvent]
    note: str
    pause: WebhookPause | None = Field(description="Why it is told nothing; null if it is told.")
    failing_since: datetime | None = Field(description="The first failed try since the last success.")
    made_by: str = Field(description="The name of the person who made it, or resumed it last.")
    created_at: datetime


class WebhookSecret(BaseModel):
    """A webhook with its new secret, which is shown only here."""

    webhook: WebhookRead
    secret: str = Field(description="Base64 after the prefix `whsec_`, as Standard Webhooks has it.")


class DeliveryRead(BaseModel):
    """One thing that was sent to a webhook, or will be."""

    id: UUID = Field(description="The receiver sees it as `webhook-id`, the same at every try.")
    event: str
    state: DeliveryState
    tries: int
    status: int | None = Field(description="HTTP status of the last answer; null if there was none.")
    answer: str | None = Field(description="The beginning of the last answer, or why there was none.")
    tried_at: datetime | None
    due_at: datetime | None = Field(description="When it is tried next; null if it is not.")
    created_at: datetime
