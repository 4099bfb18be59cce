from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, and_, case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.lines import Line, on_line
from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, PromptSet, Run, Video
from backend.tables.states import MaskSource, Phase

CURRENT_MASK = and_(FrameMask.masklet_id == FrameState.masklet_id, FrameMask.id == FrameState.mask_id)

DRAWN = FrameMask.source != MaskSource.propagated
"""The frame's mask answers a person's prompt, is their own drawing, or was found automatically."""

CONDITIONING = or_(DRAWN, FrameState.locked)
"""Tracking remembers the frame as certain: somebody prompted, drew or locked its mask."""

_FRAME_COLUMNS = (
    FrameState.masklet_id,
    FrameState.frame_index,
    FrameState.seq,
    FrameState.prompt_set_id,
    FrameState.locked,
    PromptSet.clicks,
    PromptSet.box,
    PromptSet.candidate.label("chosen_candidate"),
    FrameMask.id.label("mask_id"),
    FrameMask.counts,
    FrameMask.area,
    FrameMask.box_x,
    FrameMask.box_y,
    FrameMask.box_width,
    FrameMask.box_height,
    FrameMask.source,
    FrameMask.predicted_iou,
    FrameMask.object_score,
    FrameMask.stability,
    FrameMask.candidate,
    FrameMask.model_version,
    FrameMask.run_id,
    FrameMask.created_at,
)

_FRAMES = (
    select(*_FRAME_COLUMNS)
    .outerjoin(FrameMask, CURRENT_MASK)
    .outerjoin(PromptSet, PromptSet.id == FrameState.prompt_set_id)
)


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.get(Video, video_id)


async def phase_of(session: AsyncSession, masklet_id: UUID) -> Phase:
    return (await session.execute(select(Masklet.phase).where(Masklet.id == masklet_id))).scalar_one()


async def mask_source(session: AsyncSession, masklet_id: UUID, mask_id: UUID | None) -> MaskSource | None:
    """How one of a masklet's masks came to be."""
    found = select(FrameMask.source).where(FrameMask.masklet_id == masklet_id, FrameMask.id == mask_id)
    return (await session.scalars(found)).one_or_none()


async def frame_state(session: AsyncSession, masklet_id: UUID, frame_index: int) -> FrameState | None:
    return await session.get(FrameState, (masklet_id, frame_index))


async def frame(session: AsyncSession, masklet_id: UUID, frame_index: int) -> RowMapping | None:
    """One frame's current mask and prompts; None while nothing ever happened there."""
    found = _FRAMES.where(FrameState.masklet_id == masklet_id, FrameState.frame_index == frame_index)
    return (await session.execute(found)).mappings().one_or_none()


async def changed_frames(
    session: AsyncSession, video_id: UUID, line: Line, *, after: int, limit: int
) -> Sequence[RowMapping]:
    """At most `limit` frames of a video with a higher sequence number, in its order."""
    found = _FRAMES.join(Masklet, Masklet.id == FrameState.masklet_id).where(
        FrameState.video_id == video_id, FrameState.seq > after, on_line(Masklet.participant_id, line)
    )
    return (await session.execute(found.order_by(FrameState.seq).limit(limit))).mappings().all()


async def changed_masklets(
    session: AsyncSession, video_id: UUID, line: Line, *, after: int, until: int | None
) -> Sequence[UUID]:
    """Masklets with a higher sequence number, not above `until` if that is given."""
    changed = select(Masklet.id).where(
        Masklet.video_id == video_id, Masklet.seq > after, on_line(Masklet.participant_id, line)
    )
    return (await session.scalars(changed if until is None else changed.where(Masklet.seq <= until))).all()


async def changed_runs(
    session: AsyncSession, video_id: UUID, line: Line, *, after: int, until: int | None
) -> Sequence[Run]:
    """Runs with a higher sequence number, not above `until` if that is given."""
    changed = (
        select(Run)
        .join(Action, Action.id == Run.action_id)
        .where(Run.video_id == video_id, Run.seq > after, on_line(Action.participant_id, line))
        .order_by(Run.created_at)
    )
    return (await session.scalars(changed if until is None else changed.where(Run.seq <= until))).all()


async def known_masks(session: AsyncSession, masklet_id: UUID, *, before: UUID | None) -> Sequence[RowMapping]:
    """Every frame of a masklet with its mask, as the model server is told of it: now, or before a prompt's action."""
    own = (FrameChange.action_id == before) & (FrameChange.masklet_id == masklet_id)
    mask_id = case((FrameChange.action_id.is_not(None), FrameChange.before_mask_id), else_=FrameState.mask_id)
    known = (
        select(
            FrameState.frame_index,
            FrameMask.counts,
            FrameMask.area,
            FrameMask.object_score,
            CONDITIONING.label("conditioning"),
        )
        .outerjoin(FrameChange, own & (FrameChange.frame_index == FrameState.frame_index))
        .join(FrameMask, (FrameMask.masklet_id == masklet_id) & (FrameMask.id == mask_id))
        .where(FrameState.masklet_id == masklet_id)
    )
    return (await session.execute(known.order_by(FrameState.frame_index))).mappings().all()


async def mask_counts(session: AsyncSession, masklet_id: UUID, mask_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """The run lengths of some of a masklet's masks, current or not."""
    found = select(FrameMask.id, FrameMask.counts).where(FrameMask.masklet_id == masklet_id, FrameMask.id.in_(mask_ids))
    return {row.id: row.counts for row in await session.execute(found)}


async def masklets(session: AsyncSession, masklet_ids: Sequence[UUID]) -> Sequence[Masklet]:
    return (await session.scalars(select(Masklet).where(Masklet.id.in_(masklet_ids)))).all()
