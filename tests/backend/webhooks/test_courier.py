"""What happened is sent signed and at least once; what fails is tried again, and given up in the end."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from sqlalchemy import func, select, update

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables import Project, User, Video, Webhook, WebhookDelivery
from backend.tables.states import DeliveryState, WebhookPause
from backend.tables.user import LOCAL_OWNER_ID
from backend.webhooks import courier
from backend.webhooks.courier import Courier
from backend.webhooks.outbox import tell_video_ready
from backend.webhooks.schedule import GIVEN_UP_AFTER, KEPT, MOST_FAILED, WAITS
from backend.webhooks.service import delete_old_deliveries
from backend.webhooks.signature import new_secret
from tests.architecture.repository import ROOT
from tests.backend.accounts import add_person
from tests.backend.webhooks.receiver import Receiver, is_genuine, receiving, until

READY = "video.ready"
COURIER = """
import asyncio, sys
from backend.db.engine import make_engine, make_sessions
from backend.settings import Settings
from backend.webhooks.courier import Courier

async def run():
    settings = Settings(webhook_networks="127.0.0.1")
    async with Courier(make_sessions(make_engine(sys.argv[1])), settings).delivering():
        await asyncio.sleep(600)

asyncio.run(run())
"""


async def add_webhook(sessions: Sessions, url: str, *, maker_id: UUID = LOCAL_OWNER_ID, **more: Any) -> Webhook:
    """In a project of its own."""
    project = Project(id=uuid4(), name="Street ☂", created_by=LOCAL_OWNER_ID)
    webhook = Webhook(
        id=uuid4(), project_id=project.id, url=url, events=[READY], secret=new_secret(), maker_id=maker_id, **more
    )
    async with sessions.begin() as session:
        session.add(project)
        await session.flush()
        session.add(webhook)
    return webhook


async def happen(sessions: Sessions, webhook: Webhook, *names: str) -> None:
    """Videos of these names become ready."""
    for name in names:
        async with sessions.begin() as session:
            await tell_video_ready(session, Video(id=uuid4(), project_id=webhook.project_id, name=name))


@asynccontextmanager
async def delivering(sessions: Sessions, **settings: Any) -> AsyncIterator[None]:
    about = {"webhook_networks": "127.0.0.1", "public_origin": "https://m.example.org", "sign_in": "accounts"}
    async with Courier(sessions, Settings(**about | settings)).delivering():
        yield


async def deliveries(sessions: Sessions, webhook: Webhook) -> list[WebhookDelivery]:
    async with sessions() as session:
        found = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id)
        return list(await session.scalars(found.order_by(WebhookDelivery.created_at)))


async def stored(sessions: Sessions, webhook: Webhook) -> Webhook:
    async with sessions() as session:
        return (await session.scalars(select(Webhook).where(Webhook.id == webhook.id))).one()


async def tried(sessions: Sessions, webhook: Webhook, number: int = 1) -> WebhookDelivery:
    """The webhook's first delivery, once it was tried so often."""

    async def is_tried() -> bool:
        return (await deliveries(sessions, webhook))[0].tries >= number

    await until(is_tried)
    return (await deliveries(sessions, webhook))[0]


async def time_passes(sessions: Sessions, webhook: Webhook) -> None:
    """All waits of the webhook are over."""
    async with sessions.begin() as session:
        await session.execute(
            update(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id).values(due_at=func.now())
        )


async def test_what_happened_arrives_signed(sessions: Sessions, receiver: Receiver) -> None:
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "clip ☂.mp4")
    async with delivering(sessions):
        (message,) = await receiver.has(1)
        delivery = await tried(sessions, webhook)
    assert is_genuine(message, webhook.secret)
    assert not is_genuine(message, new_secret()), "another's secret"
    assert message.headers["Content-Type"] == "application/json"
    assert message.id == str(delivery.id)
    assert message.content["type"] == READY
    assert message.content["version"] == 1
    assert message.content["data"]["project"] == {"id": str(webhook.project_id), "name": "Street ☂"}
    assert message.content["data"]["video"]["name"] == "clip ☂.mp4"
    assert message.content["data"]["url"].startswith("https://m.example.org/videos/")
    assert datetime.fromisoformat(message.content["timestamp"]).tzinfo is not None
    assert webhook.secret not in message.body.decode()
    assert (delivery.state, delivery.tries, delivery.status) == (DeliveryState.delivered, 1, 200)


async def test_nothing_is_told_of_what_was_rolled_back(sessions: Sessions, receiver: Receiver) -> None:
    webhook = await add_webhook(sessions, receiver.url)
    async with sessions() as session:
        await tell_video_ready(session, Video(id=uuid4(), project_id=webhook.project_id, name="never"))
        await session.flush()
        await session.rollback()
    assert await deliveries(sessions, webhook) == []


async def test_a_failed_delivery_is_tried_again_under_its_id_until_it_succeeds(
    sessions: Sessions, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=500, text="no\x00t\nnow"), web.Response(status=404)]
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "a")
    async with delivering(sessions):
        first = await tried(sessions, webhook)
        assert (first.state, first.status, first.answer) == (DeliveryState.waiting, 500, "no t now")
        assert first.tried_at is not None
        assert first.due_at - first.tried_at == WAITS[0]
        assert (await stored(sessions, webhook)).failing_since is not None
        await time_passes(sessions, webhook)
        second = await tried(sessions, webhook, 2)
        assert second.tried_at is not None
        assert second.due_at - second.tried_at == WAITS[1]
        await time_passes(sessions, webhook)
        third = await tried(sessions, webhook, 3)
    assert third.state is DeliveryState.delivered
    assert len({message.id for message in receiver.messages}) == 1
    assert len({message.body for message in receiver.messages}) == 1
    assert all(is_genuine(message, webhook.secret) for message in receiver.messages)
    assert (await stored(sessions, webhook)).failing_since is None


async def test_a_delivery_fails_for_good_after_most_of_a_day(sessions: Sessions, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=503) for _ in range(10)]
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "a")
    async with delivering(sessions):
        for number in range(1, len(WAITS) + 2):
            delivery = await tried(sessions, webhook, number)
            await time_passes(sessions, webhook)
    assert delivery.state is DeliveryState.failed
    assert len(receiver.messages) == len(WAITS) + 1
    assert timedelta(hours=18) < sum(WAITS, timedelta()) < timedelta(days=1)
    assert (await stored(sessions, webhook)).pause is None, "one that failed does not end all others"


@pytest.mark.parametrize(
    "before",
    [
        {"failing_since": datetime.now(UTC) - GIVEN_UP_AFTER, "num_failed": 1},
        {"failing_since": datetime.now(UTC), "num_failed": MOST_FAILED - 1},
    ],
)
async def test_a_webhook_that_failed_for_long_is_paused(
    sessions: Sessions, receiver: Receiver, before: dict[str, Any]
) -> None:
    receiver.answers = [web.Response(status=500) for _ in range(2)]
    webhook = await add_webhook(sessions, receiver.url, **before)
    await happen(sessions, webhook, "a")
    async with sessions.begin() as session:
        await session.execute(update(WebhookDelivery).values(tries=len(WAITS)))
    async with delivering(sessions):
        assert (await tried(sessions, webhook, len(WAITS) + 1)).state is DeliveryState.failed
    assert (await stored(sessions, webhook)).pause is WebhookPause.failing
    await happen(sessions, webhook, "b")
    assert len(await deliveries(sessions, webhook)) == 1, "a paused webhook is told nothing"


async def test_a_slow_receiver_holds_up_nobody_else_and_gets_one_at_a_time(
    sessions: Sessions, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "TRY_SECONDS", 1.0)
    async with receiving() as slow:
        slow.may_answer.clear()
        hanging = await add_webhook(sessions, slow.url)
        await happen(sessions, hanging, "a", "b", "c")
        webhook = await add_webhook(sessions, receiver.url)
        await happen(sessions, webhook, "d", "e")
        async with delivering(sessions):
            await slow.has(1)
            await receiver.has(2)
            assert len(slow.messages) == 1
            await tried(sessions, hanging)
            first = (await deliveries(sessions, hanging))[0]
    assert (first.status, first.state) == (None, DeliveryState.waiting)
    assert "seconds" in (first.answer or "")


async def test_redirects_are_not_followed(sessions: Sessions, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=307, headers={"Location": receiver.url.replace("hook", "elsewhere")})]
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "a")
    async with delivering(sessions):
        delivery = await tried(sessions, webhook)
    assert (delivery.status, delivery.state, receiver.elsewhere) == (307, DeliveryState.waiting, 0)


async def test_a_huge_answer_is_not_read(sessions: Sessions, receiver: Receiver) -> None:
    receiver.answers = [web.Response(body=b"x" * 50_000_000)]
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "a")
    async with delivering(sessions):
        delivery = await tried(sessions, webhook)
    assert (delivery.state, delivery.answer) == (DeliveryState.delivered, "x" * 200)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "0.0.0.0"])
async def test_this_machine_is_not_reached_by_whatever_name(sessions: Sessions, receiver: Receiver, host: str) -> None:
    """Also where the URL came into the table without the check of its form."""
    webhook = await add_webhook(sessions, receiver.url.replace("127.0.0.1", host))
    await happen(sessions, webhook, "a")
    async with delivering(sessions, webhook_networks=""):
        delivery = await tried(sessions, webhook)
    assert (delivery.status, delivery.state, receiver.messages) == (None, DeliveryState.waiting, [])


async def test_a_name_that_changes_its_address_meanwhile_leads_nowhere_else(
    sessions: Sessions, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was looked up before, what is connected to is judged."""
    port = int(receiver.url.rpartition(":")[2].partition("/")[0])
    asked: list[str] = []

    async def resolve(_self: Any, host: str, *_more: Any, **_options: Any) -> list[dict[str, Any]]:
        asked.append(host)
        found = {"hostname": host, "port": port, "family": 2, "proto": 6, "flags": 0}
        return [found | {"host": "127.0.0.1"}]

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)
    monkeypatch.setattr("aiohttp.resolver.AsyncResolver.resolve", resolve, raising=False)
    webhook = await add_webhook(sessions, f"http://rebound.example.org:{port}/hook")
    await happen(sessions, webhook, "a")
    async with delivering(sessions, webhook_networks=""):
        delivery = await tried(sessions, webhook)
        assert "127.0.0.1 is not on the public internet" in (delivery.answer or "")
    assert asked == ["rebound.example.org"]
    assert receiver.messages == []


async def test_what_a_killed_process_was_sending_is_sent_again(
    sessions: Sessions, database_url: str, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "a")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", COURIER, database_url, cwd=ROOT)
    try:
        await receiver.has(1)
    finally:
        process.kill()
        await process.wait()
    receiver.may_answer.set()
    async with delivering(sessions):
        async with sessions.begin() as session:
            taken = update(Webhook).where(Webhook.busy_until > func.now()).values(busy_until=func.now())
            assert (await session.execute(taken.returning(Webhook.id))).all(), "it was the dead process's"
        delivery = await tried(sessions, webhook)
    assert delivery.state is DeliveryState.delivered
    assert [message.id for message in receiver.messages] == [str(delivery.id)] * 2


async def test_a_backend_that_stops_leaves_what_waits(sessions: Sessions, receiver: Receiver) -> None:
    receiver.may_answer.clear()
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "a")
    async with delivering(sessions):
        await receiver.has(1)
    assert [each.state for each in await deliveries(sessions, webhook)] == [DeliveryState.waiting]


async def test_several_couriers_send_each_delivery_once(sessions: Sessions, receiver: Receiver) -> None:
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, *map(str, range(12)))
    async with delivering(sessions), delivering(sessions), delivering(sessions):
        await receiver.has(12)

        async def all_are_noted() -> bool:
            return all(each.state is DeliveryState.delivered for each in await deliveries(sessions, webhook))

        await until(all_are_noted)
    assert len({message.id for message in receiver.messages}) == len(receiver.messages) == 12


async def test_what_a_disabled_person_answers_for_is_not_sent(sessions: Sessions, receiver: Receiver) -> None:
    """However they lost their rights, and also what was waiting."""
    maker = await add_person(sessions, "maker", is_admin=True)
    webhook = await add_webhook(sessions, receiver.url, maker_id=maker)
    other = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "before")
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == maker).values(disabled=True))
    await happen(sessions, webhook, "after")
    await happen(sessions, other, "other")
    async with delivering(sessions):
        await tried(sessions, other)
    assert [message.content["data"]["video"]["name"] for message in receiver.messages] == ["other"]
    assert [each.tries for each in await deliveries(sessions, webhook)] == [0]


async def test_old_deliveries_go(sessions: Sessions, receiver: Receiver) -> None:
    webhook = await add_webhook(sessions, receiver.url)
    await happen(sessions, webhook, "old", "new")
    old, new = await deliveries(sessions, webhook)
    async with sessions.begin() as session:
        aged = update(WebhookDelivery).where(WebhookDelivery.id == old.id)
        await session.execute(aged.values(created_at=func.now() - KEPT - timedelta(minutes=1)))
    await delete_old_deliveries(sessions)
    assert [each.id for each in await deliveries(sessions, webhook)] == [new.id]
