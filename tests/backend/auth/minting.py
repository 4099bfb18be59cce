"""One of everything a route's path can name, in a project of its own, without a model and without a video file."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from backend.db.engine import Sessions
from backend.people.sign_in.links import make_link
from backend.storage.objects import ObjectStore, video_key
from backend.tables import (
    Action,
    AutoLabeling,
    Export,
    ImportedDataset,
    Job,
    Masklet,
    Project,
    Run,
    Study,
    Task,
    Tuning,
    Video,
    Webhook,
    WebhookDelivery,
)
from backend.tables.states import ActionKind, Direction, JobState, LinkKind, Phase, Role, RunState, TaskKind, VideoState
from backend.tables.user import LOCAL_OWNER_ID

_FILES = ("proxy.mp4", "poster.jpg", "filmstrip.jpg", "frame_table.json")


@dataclass(frozen=True)
class Minted:
    """Ids by the names they have in paths; an object of a new kind is one field more."""

    project_id: UUID
    video_id: UUID
    masklet_id: UUID
    run_id: UUID
    export_id: UUID
    import_id: UUID
    tuning_id: UUID
    task_id: UUID
    auto_labeling_id: UUID
    study_id: UUID
    webhook_id: UUID
    delivery_id: UUID
    invitation_id: UUID

    def ids(self) -> dict[str, object]:
        """By path parameter. `frame_index` is no id of anything."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"frame_index": 0}


async def mint(sessions: Sessions, store: ObjectStore) -> Minted:
    minted = Minted(*(uuid4() for _ in range(12)), invitation_id=uuid4())
    project = Project(id=minted.project_id, name="P", created_by=LOCAL_OWNER_ID)
    async with sessions.begin() as session:
        session.add(project)
        await session.flush()
        session.add(_video(minted))
        await session.flush()
        session.add(_masklet(minted))
        session.add(
            Export(
                id=minted.export_id,
                project_id=minted.project_id,
                format="sa_v",
                options={"only_satisfactory": True},
                created_by=LOCAL_OWNER_ID,
            )
        )
        session.add(_import(minted))
        session.add(_webhook(minted))
        await session.flush()
        session.add(
            WebhookDelivery(
                id=minted.delivery_id, webhook_id=minted.webhook_id, event="webhook.test", data={}, page="/"
            )
        )
        session.add(_tuning(minted))
        session.add(
            AutoLabeling(
                id=minted.auto_labeling_id, video_id=minted.video_id, options={}, steps=[], created_by=LOCAL_OWNER_ID
            )
        )
        session.add(Study(id=minted.study_id, project_id=minted.project_id, name="S", created_by=LOCAL_OWNER_ID))
        session.add(Task(id=minted.task_id, video_id=minted.video_id, kind=TaskKind.annotate, phase=Phase.sam2))
        action = Action(
            id=uuid4(),
            video_id=minted.video_id,
            kind=ActionKind.propagate,
            actor_id=LOCAL_OWNER_ID,
            request={},
            request_hash="",
            complete=True,
        )
        session.add(action)
        await session.flush()
        session.add(_run(minted, action.id))
        session.add(Job(kind="tuning", tuning_id=minted.tuning_id, state=JobState.done))
        about = {"project_id": minted.project_id, "role": Role.viewer}
        link, _secret = make_link(session, LinkKind.invitation, lasts=timedelta(days=1), **about)
        link.id = minted.invitation_id
    for name in _FILES:
        await store.put(video_key(minted.video_id, "0", name), b"{}")
    return minted


def _video(minted: Minted) -> Video:
    return Video(
        id=minted.video_id,
        project_id=minted.project_id,
        name="clip.mp4",
        state=VideoState.ready,
        warnings=[],
        **{f"{name.partition('.')[0]}_key": video_key(minted.video_id, "0", name) for name in _FILES},
        width=64,
        height=48,
        num_frames=8,
        fps_num=24,
        fps_den=1,
        stride=4,
        created_by=LOCAL_OWNER_ID,
    )


def _import(minted: Minted) -> ImportedDataset:
    return ImportedDataset(
        id=minted.import_id,
        project_id=minted.project_id,
        file_name="dataset.zip",
        size_bytes=0,
        sha256="",
        created_by=LOCAL_OWNER_ID,
    )


def _webhook(minted: Minted) -> Webhook:
    return Webhook(
        id=minted.webhook_id,
        project_id=minted.project_id,
        url="http://127.0.0.1:9/",
        events=["video.ready"],
        secret="whsec_AAAA",
        maker_id=LOCAL_OWNER_ID,
    )


def _masklet(minted: Minted) -> Masklet:
    return Masklet(
        id=minted.masklet_id,
        video_id=minted.video_id,
        number=1,
        name="Object 1",
        phase=Phase.sam2,
        version=1,
        created_by=LOCAL_OWNER_ID,
    )


def _run(minted: Minted, action_id: UUID) -> Run:
    return Run(
        id=minted.run_id,
        video_id=minted.video_id,
        action_id=action_id,
        masklet_ids=[minted.masklet_id],
        direction=Direction.forward,
        start_frame=0,
        first_frame=0,
        last_frame=7,
        state=RunState.done,
        total=8,
    )


def _tuning(minted: Minted) -> Tuning:
    return Tuning(
        id=minted.tuning_id,
        project_id=minted.project_id,
        name="tuned",
        base_model="builtin",
        base_version="0",
        base_reference="builtin",
        num_steps=1,
        training=[],
        held_out=[],
        num_masklets=0,
        created_by=LOCAL_OWNER_ID,
    )
