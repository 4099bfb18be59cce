"""Managers make, change, try and delete webhooks; the trail says so, and rights that end pause them."""

import base64
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.db.engine import Sessions
from backend.tables import Webhook, WebhookDelivery
from backend.tables.states import Role
from backend.webhooks.service import MOST_IN_A_PROJECT
from tests.backend.accounts import add_member, add_person, browser, signed_in_secret
from tests.backend.people.test_members import Team, slug
from tests.backend.people.test_members import team as team
from tests.backend.running import RunningBackend
from tests.backend.webhooks.receiver import Receiver, is_genuine, until

PUBLIC = "https://example.org/hooks?of=maskloom"


async def made(team: Team, url: str = PUBLIC, *events: str, who: str = "manager") -> dict[str, Any]:
    body = {"url": url, "events": list(events) or ["video.ready"], "note": "CI"}
    answer = await team(who, "POST", "PROJECT/webhooks", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def path(team: Team, **more: Any) -> str:
    return f"/api/webhooks/{(await made(team, **more))['webhook']['id']}"


async def test_the_secret_is_told_once_and_can_be_renewed(team: Team) -> None:
    first = await made(team, PUBLIC, "verdict.recorded", "video.ready", "video.ready")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first["secret"])
    assert len(base64.b64decode(first["secret"].removeprefix("whsec_"))) == 32
    webhook = first["webhook"]
    assert webhook["events"] == ["video.ready", "verdict.recorded"]
    assert (webhook["url"], webhook["note"], webhook["pause"], webhook["made_by"]) == (PUBLIC, "CI", None, "Manager")
    listed = await team("manager", "GET", "PROJECT/webhooks")
    assert listed.json() == [webhook]
    renewed = (await team("manager", "POST", f"/api/webhooks/{webhook['id']}/secret")).json()
    assert renewed["secret"] != first["secret"]
    everything = listed.text + (await team("manager", "GET", "PROJECT/audit")).text
    assert first["secret"] not in everything
    assert renewed["secret"] not in everything


async def test_what_managers_do_with_webhooks_is_in_the_trail_without_the_path_of_the_url(team: Team) -> None:
    hook = await path(team)
    await team("manager", "PATCH", hook, {"events": ["export.done"], "note": "CI"})
    await team("manager", "PATCH", hook, {"paused": True})
    await team("manager", "PATCH", hook, {"paused": True})
    await team("manager", "PATCH", hook, {"paused": False})
    await team("manager", "POST", f"{hook}/secret")
    assert (await team("manager", "DELETE", hook)).status_code == 204
    told = (await team("manager", "GET", "PROJECT/audit")).json()["entries"]
    assert [entry["action"] for entry in reversed(told)] == [
        "webhook.made",
        "webhook.changed",
        "webhook.paused",
        "webhook.resumed",
        "webhook.secret_renewed",
        "webhook.deleted",
    ]
    assert {entry["details"]["host"] for entry in told} == {"example.org"}
    assert [entry["details"].get("changed") for entry in told if entry["action"] == "webhook.changed"] == [["events"]]
    assert slug(await team("manager", "DELETE", hook)) == "webhook-not-found"


NO_ADDRESSES = [
    "",
    "example.org",
    "/hooks",
    "ftp://example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "https://user:pass@example.org/",
    "https://user@example.org/",
    "https://example.org/#part",
    "http://example.org:99999/",
    "http://[::1",
    "http://exa mple.org/",
    "http://example.org/\r\nHost: other",
    "https://example.org/" + "x" * 2000,
    7,
    None,
]
NO_EVENTS: list[object] = [[], ["video"], ["webhook.test"], ["*"], "video.ready", ["video.ready"] * 13, None]


async def test_what_is_no_address_or_no_event_is_malformed(team: Team) -> None:
    bodies = [{"url": url, "events": ["video.ready"]} for url in NO_ADDRESSES]
    bodies += [{"url": PUBLIC, "events": events} for events in NO_EVENTS]
    answers = {str(body): await team("manager", "POST", "PROJECT/webhooks", body) for body in bodies}
    assert [body for body, answer in answers.items() if answer.status_code != 422] == []
    assert {slug(answer) for answer in answers.values()} == {"malformed-request"}


PRIVATE_HOSTS = "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0x0a.1", "167772161", "127.0.0.2", "10.1"


async def test_a_private_address_is_refused_at_once_also_in_a_change(team: Team) -> None:
    hook = await path(team)
    for host in PRIVATE_HOSTS:
        body = {"url": f"http://{host}/", "events": ["video.ready"]}
        assert slug(await team("manager", "POST", "PROJECT/webhooks", body)) == "webhook-address-refused", host
        assert slug(await team("manager", "PATCH", hook, {"url": body["url"]})) == "webhook-address-refused", host
    assert (await team("manager", "GET", "PROJECT/webhooks")).json()[0]["url"] == PUBLIC


async def test_a_project_has_at_most_ten(team: Team) -> None:
    hooks = [await path(team) for _ in range(MOST_IN_A_PROJECT)]
    eleventh = {"url": PUBLIC, "events": ["video.ready"]}
    assert slug(await team("manager", "POST", "PROJECT/webhooks", eleventh)) == "too-many-webhooks"
    await team("manager", "DELETE", hooks[0])
    await made(team)


async def test_only_managers_know_of_webhooks(team: Team) -> None:
    hook = await path(team)
    assert slug(await team("viewer", "GET", "PROJECT/webhooks")) == "not-allowed"
    assert slug(await team("viewer", "GET", f"{hook}/deliveries")) == "not-allowed"
    assert slug(await team("stranger", "PATCH", hook, {"paused": True})) == "webhook-not-found"
    assert (await team("administrator", "GET", f"{hook}/deliveries")).json() == []
    missing = hook[:-4] + "0000"
    for method, rest in (("GET", "/deliveries"), ("PATCH", ""), ("POST", "/test"), ("POST", "/secret"), ("DELETE", "")):
        body = {} if method == "PATCH" else None
        assert slug(await team("administrator", method, missing + rest, body)) == "webhook-not-found"


async def test_a_test_is_sent_once_and_again_on_demand(team: Team, receiver: Receiver) -> None:
    first = await made(team, receiver.url)
    hook = f"/api/webhooks/{first['webhook']['id']}"
    sent = await team("manager", "POST", f"{hook}/test")
    assert sent.status_code == 202
    assert sent.json()["state"] == "waiting"
    (message,) = await receiver.has(1)
    assert is_genuine(message, first["secret"])
    assert message.content["type"] == "webhook.test"
    assert message.content["data"]["project"]["name"] == "Street"

    async def listed() -> dict[str, Any]:
        return dict((await team("manager", "GET", f"{hook}/deliveries")).json()[0])

    async def is_delivered() -> bool:
        return (await listed())["state"] == "delivered"

    await until(is_delivered)
    assert (await listed())["due_at"] is None
    renewed = (await team("manager", "POST", f"{hook}/secret")).json()["secret"]
    again = await team("manager", "POST", f"{hook}/deliveries/{sent.json()['id']}/again")
    assert again.status_code == 202
    repeated = (await receiver.has(2))[1]
    assert (repeated.id, repeated.body) == (message.id, message.body)
    assert is_genuine(repeated, renewed)
    assert not is_genuine(repeated, first["secret"])
    unknown = f"{hook}/deliveries/{first['webhook']['id']}/again"
    assert slug(await team("manager", "POST", unknown)) == "delivery-not-found"
    other = await path(team)
    foreign = f"{other}/deliveries/{sent.json()['id']}/again"
    assert slug(await team("manager", "POST", foreign)) == "delivery-not-found"


async def test_a_test_that_fails_says_why_and_is_not_repeated(team: Team) -> None:
    hook = await path(team, url="http://127.0.0.1:9/")
    await team("manager", "POST", f"{hook}/test")

    async def has_failed() -> bool:
        return (await team("manager", "GET", f"{hook}/deliveries")).json()[0]["state"] == "failed"

    await until(has_failed)
    (listed,) = (await team("manager", "GET", f"{hook}/deliveries")).json()
    assert (listed["tries"], listed["status"]) == (1, None)
    assert listed["answer"] == "Not connected: Connection refused."
    assert (await team("manager", "GET", "PROJECT/webhooks")).json()[0]["failing_since"] is None, "it was but a test"


async def test_nothing_is_sent_to_a_paused_webhook(team: Team) -> None:
    hook = await path(team)
    paused = (await team("manager", "PATCH", hook, {"paused": True})).json()
    assert paused["pause"] == "by_hand"
    assert slug(await team("manager", "POST", f"{hook}/test")) == "webhook-paused"


LEAVE = {
    "removed": ("manager", "DELETE", "PROJECT/members/LEAVER", None),
    "demoted": ("manager", "PUT", "PROJECT/members/LEAVER", {"role": "annotator"}),
    "disabled": ("administrator", "PATCH", "/api/users/LEAVER", {"disabled": True}),
}


@pytest.mark.parametrize("how", LEAVE)
async def test_the_webhooks_of_a_manager_who_left_are_paused_until_another_takes_them_over(
    team: Team, site: RunningBackend, sessions: Sessions, how: str
) -> None:
    team.ids["leaver"] = await add_person(sessions, "leaver")
    await add_member(sessions, team.project_id, team.ids["leaver"], Role.manager)
    team.browsers["leaver"] = browser(site, await signed_in_secret(sessions, team.ids["leaver"]))
    hook = await path(team, who="leaver")
    kept = await path(team)
    assert (await team(*LEAVE[how])).is_success
    found = {f"/api/webhooks/{each['id']}": each for each in (await team("manager", "GET", "PROJECT/webhooks")).json()}
    assert (found[hook]["pause"], found[kept]["pause"]) == ("maker_left", None)
    assert "webhook.paused" in await team.trail()
    await team("administrator", "PATCH", "/api/users/LEAVER", {"disabled": False})
    await team("administrator", "PUT", "PROJECT/members/LEAVER", {"role": "manager"})
    assert (await team("manager", "GET", "PROJECT/webhooks")).json()[0]["pause"] == "maker_left", "it stays so"
    resumed = (await team("manager", "PATCH", hook, {"paused": False})).json()
    assert (resumed["pause"], resumed["made_by"]) == (None, "Manager")


async def test_a_deleted_project_takes_its_webhooks_along(team: Team, sessions: Sessions) -> None:
    hook = await path(team, url="http://127.0.0.1:9/")
    assert (await team("manager", "POST", f"{hook}/test")).is_success
    assert (await team("manager", "DELETE", "PROJECT")).status_code == 204
    async with sessions() as session:
        for table in (Webhook, WebhookDelivery):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
