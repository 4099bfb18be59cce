"""A site whose every list has several entries, most of them of one moment, so that their ids decide their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from backend.db.engine import Sessions
from backend.tables import (
    ApiToken,
    AutoLabeling,
    Export,
    ImportedDataset,
    Job,
    Masklet,
    Membership,
    ModelVersion,
    OneTimeLink,
    Project,
    SignIn,
    Study,
    Task,
    Tuning,
    User,
    Verdict,
    Webhook,
    WebhookDelivery,
)
from backend.tables.states import (
    DeliveryState,
    JobState,
    LinkKind,
    Phase,
    Role,
    TaskKind,
    TaskState,
    VerdictKind,
    WebhookPause,
    WorkState,
)
from backend.tables.user import LOCAL_OWNER_ID
from tests.bench.load_site import add_project, new_masklet, ready_video

EACH = 7


@dataclass(frozen=True)
class LongLists:
    """Where the lists are: of a project, of the masklet that was judged again and again, and of a webhook."""

    project_id: UUID
    masklet_id: UUID
    webhook_id: UUID

    @property
    def ids(self) -> dict[str, UUID]:
        return {"project_id": self.project_id, "masklet_id": self.masklet_id, "webhook_id": self.webhook_id}


async def make_long_lists(sessions: Sessions, each: int = EACH) -> LongLists:
    """`each` entries in every list of the owner, at the least."""
    project_id = await add_project(sessions)
    videos = [ready_video(project_id, f"clip{number % 3}.mp4") for number in range(each)]
    masklets = [new_masklet(number=1) for _ in videos]
    for masklet, video in zip(masklets, videos, strict=True):
        masklet.video_id, masklet.work = video.id, WorkState.verifying
    people = [User(id=uuid4(), name=f"Per%son 'é{number % 2}") for number in range(each)]
    exports = [
        Export(id=uuid4(), format="sa_v", options={"only_satisfactory": True}, project_id=project_id) for _ in videos
    ]
    imports = [
        ImportedDataset(id=uuid4(), project_id=project_id, file_name="a.zip", size_bytes=1, sha256="") for _ in videos
    ]
    tunings = [_tuning(project_id) for _ in videos]
    webhooks = [_webhook(project_id) for _ in videos]
    async with sessions.begin() as session:
        session.add_all([_sample(number) for number in range(each)] + people + videos)
        await session.flush()
        session.add_all(
            webhooks + masklets + _owned(exports) + _owned(imports) + _owned(tunings) + _site(each, project_id)
        )
        session.add_all([Membership(project_id=project_id, user_id=person.id, role=Role.verifier) for person in people])
        await session.flush()
        for number, (video, masklet) in enumerate(zip(videos, masklets, strict=True)):
            session.add_all(_work(number, video.id, masklet))
        session.add_all(_owned([_verdict(masklets[0].id, number) for number in range(each)], "verifier_id"))
        session.add_all([_delivery(webhooks[0].id) for _ in videos])
        session.add_all([Job(kind="tuning", tuning_id=tuning.id, state=JobState.done) for tuning in tunings])
    return LongLists(project_id, masklets[0].id, webhooks[0].id)


def _owned(rows: list[Any], column: str = "created_by") -> list[Any]:
    for row in rows:
        setattr(row, column, LOCAL_OWNER_ID)
    return rows


def _sample(number: int) -> Project:
    return Project(id=uuid4(), name=f"Project {number}", is_sample=number % 2 == 0, created_by=LOCAL_OWNER_ID)


def _tuning(project_id: UUID) -> Tuning:
    base = {"base_model": "builtin", "base_version": "0" * 12, "base_reference": "builtin"}
    return Tuning(
        id=uuid4(), project_id=project_id, name="tuned", num_steps=1, training=[], held_out=[], num_masklets=1, **base
    )


def _verdict(masklet_id: UUID, number: int) -> Verdict:
    return Verdict(
        masklet_id=masklet_id,
        masklet_version=1,
        verdict=VerdictKind.unsatisfactory,
        reasons=[],
        withdrawn=number % 2 == 0,
        idempotency_key=uuid4(),
    )


def _webhook(project_id: UUID) -> Webhook:
    about: dict[str, Any] = {
        "url": "https://maskloom.invalid",
        "events": [],
        "secret": "",
        "pause": WebhookPause.by_hand,
    }
    return Webhook(id=uuid4(), project_id=project_id, maker_id=LOCAL_OWNER_ID, **about)


def _delivery(webhook_id: UUID) -> WebhookDelivery:
    return WebhookDelivery(
        webhook_id=webhook_id, event="webhook.test", data={}, page="/", state=DeliveryState.delivered
    )


def _work(number: int, video_id: UUID, masklet: Masklet) -> list[Any]:
    """A verify task that waits, one of another kind that is done, one that came back, and a search."""
    now = datetime.now(UTC) - timedelta(minutes=number % 3)
    about: dict[str, Any] = {"video_id": video_id, "phase": Phase.sam2, "epoch": 0, "priority": number % 2}
    done: dict[str, Any] = {"state": TaskState.done, "finished_at": now, "assignee_id": LOCAL_OWNER_ID}
    return [
        Task(kind=TaskKind.verify, masklet_id=masklet.id, **about),
        Task(kind=TaskKind.annotate, **about, **done),
        Task(kind=TaskKind.refine, masklet_id=masklet.id, assignee_id=LOCAL_OWNER_ID, **about),
        AutoLabeling(video_id=video_id, options={}, steps=[], created_by=LOCAL_OWNER_ID),
    ]


def _site(each: int, project_id: UUID) -> list[Any]:
    """What belongs to the owner and to the site."""
    later = datetime.now(UTC) + timedelta(days=3)
    rows: list[Any] = []
    for number in range(each):
        link: dict[str, Any] = {
            "kind": LinkKind.invitation,
            "note": "",
            "created_by": LOCAL_OWNER_ID,
            "expires_at": later,
        }
        token: dict[str, Any] = {"user_id": LOCAL_OWNER_ID, "expires_at": later}
        seen = datetime.now(UTC) - timedelta(minutes=number % 3)
        rows += [
            OneTimeLink(token_sha256=uuid4().hex, project_id=project_id, role=Role.verifier, **link),
            OneTimeLink(token_sha256=uuid4().hex, **link),
            ApiToken(token_sha256=uuid4().hex, name="program", prefix="mkl", scope=["view"], **token),
            SignIn(token_sha256=uuid4().hex, address="::1", user_agent="browser", last_seen_at=seen, **token),
            ModelVersion(version=uuid4().hex[:12], name="model"),
            Study(project_id=project_id, name=f"Study {number}", created_by=LOCAL_OWNER_ID),
        ]
    return rows
