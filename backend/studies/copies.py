"""Copies of selected objects for participants: the first mask that a person made, and nothing after it."""

from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.edit_rules import Request, lock_video, next_seq
from backend.masklets.service import NewMasklet, begin_masklet
from backend.ontology.description import Description
from backend.studies import queries
from backend.studies.problems import StudyNotReady
from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, StudyArm, Task, Video
from backend.tables.states import ActionKind, MaskSource, TaskKind


async def give_copies(session: AsyncSession, arms: list[StudyArm], *, actor_id: UUID) -> None:
    """Create a masklet and a task for every arm.

    Raises:
        StudyNotReady: an object has lost its mask since it was selected.
    """
    selected = await queries.masklets(session, {arm.selected_id for arm in arms})
    videos = {
        video_id: await lock_video(session, video_id, ready=True)
        for video_id in sorted({masklet.video_id for masklet in selected.values()})
    }
    for arm in arms:
        source = selected[arm.selected_id]
        mask = await queries.first_drawn(session, source.id)
        if mask is None:
            raise StudyNotReady(f"{source.name} has no mask any more.")
        await _give(session, videos[source.video_id], source, mask, arm, actor_id)


async def _give(
    session: AsyncSession, video: Video, source: Masklet, mask: FrameMask, arm: StudyArm, actor_id: UUID
) -> None:
    new = NewMasklet(
        created_by=actor_id,
        phase=arm.phase,
        name=source.name,
        participant_id=arm.user_id,
        description=Description.of(source),
    )
    copy = await begin_masklet(session, video, new)
    request = Request(ActionKind.copy, copy.id, {"from": str(source.id)}, mask.frame_index)
    action = Action(
        id=uuid4(),
        video_id=video.id,
        masklet_id=copy.id,
        kind=request.kind,
        actor_id=actor_id,
        participant_id=arm.user_id,
        request=request.stored(),
        request_hash=request.hash(),
        complete=True,
    )
    session.add(action)
    await session.flush()
    await _show(session, video, copy, mask, action)
    arm.masklet_id = copy.id
    session.add(
        Task(
            video_id=video.id,
            masklet_id=copy.id,
            kind=TaskKind.annotate,
            phase=arm.phase,
            assignee_id=arm.user_id,
            position=arm.position,
            epoch=0,
        )
    )


async def _show(session: AsyncSession, video: Video, copy: Masklet, mask: FrameMask, action: Action) -> None:
    shown = FrameMask(
        id=uuid4(),
        masklet_id=copy.id,
        frame_index=mask.frame_index,
        counts=mask.counts,
        area=mask.area,
        box_x=mask.box_x,
        box_y=mask.box_y,
        box_width=mask.box_width,
        box_height=mask.box_height,
        source=MaskSource.edited,
        phase=copy.phase,
        model_version=mask.model_version,
        action_id=action.id,
        created_by=action.actor_id,
    )
    session.add(shown)
    session.add(
        FrameState(
            masklet_id=copy.id,
            frame_index=mask.frame_index,
            video_id=video.id,
            mask_id=shown.id,
            seq=next_seq(session, video),
        )
    )
    session.add(
        FrameChange(action_id=action.id, masklet_id=copy.id, frame_index=mask.frame_index, after_mask_id=shown.id)
    )
    await session.flush()
