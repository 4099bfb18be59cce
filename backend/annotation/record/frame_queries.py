"""Queries for frames: the mask and prompts each one points at, and the masks it pointed at before."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Integer, RowMapping, String, and_, bindparam, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.schemas import PromptSetRead
from backend.masklets.line_queries import LINE, Line, on_line
from backend.tables import FrameChange, FrameMask, FrameState, Masklet, PromptSet
from backend.tables.states import MaskSource

CURRENT_MASK = and_(FrameMask.masklet_id == FrameState.masklet_id, FrameMask.id == FrameState.mask_id)

DRAWN = FrameMask.source != MaskSource.propagated
"""The frame's mask was prompted, drawn or found automatically."""

CONDITIONING = or_(DRAWN, FrameState.locked)
"""The frame is a conditioning frame: its mask was prompted, drawn or found automatically, or is locked."""

PROMPT_PREFIX = "prompt_"
"""The prefix of the prompt set's columns in the rows of `frame` and `changed_frames`."""

_PROMPT_COLUMNS = tuple(
    getattr(PromptSet, name).label(PROMPT_PREFIX + name) for name in (*PromptSetRead.model_fields, "problem")
)

_FRAME_COLUMNS = (
    FrameState.masklet_id,
    FrameState.frame_index,
    FrameState.seq,
    FrameState.prompt_set_id,
    FrameState.locked,
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
    FrameMask.built_on,
    FrameMask.created_at,
)

_FRAMES = (
    select(*_FRAME_COLUMNS, *_PROMPT_COLUMNS)
    .outerjoin(FrameMask, CURRENT_MASK)
    .outerjoin(PromptSet, PromptSet.id == FrameState.prompt_set_id)
)

# Composed once, as every change of a video asks for one of them, which takes Postgres less time than composing it.
_FRAME = _FRAMES.where(
    FrameState.masklet_id == bindparam("masklet_id"), FrameState.frame_index == bindparam("frame_index")
)
_CHANGED_FRAMES = (
    _FRAMES.join(Masklet, Masklet.id == FrameState.masklet_id)
    .where(FrameState.video_id == bindparam("video_id"), FrameState.seq > bindparam("after"))
    .where(on_line(Masklet.participant_id, LINE))
    .order_by(FrameState.seq)
    .limit(bindparam("limit", type_=Integer))
)


async def frame_state(session: AsyncSession, masklet_id: UUID, frame_index: int) -> FrameState | None:
    return await session.get(FrameState, (masklet_id, frame_index))


async def frame(session: AsyncSession, masklet_id: UUID, frame_index: int) -> RowMapping | None:
    """One frame's current mask and prompts; None if the frame was never touched."""
    about = {"masklet_id": masklet_id, "frame_index": frame_index}
    return (await session.execute(_FRAME, about)).mappings().one_or_none()


async def changed_frames(
    session: AsyncSession, video_id: UUID, line: Line, *, after: int, limit: int
) -> Sequence[RowMapping]:
    """At most `limit` frames of a video whose sequence number is above `after`, lowest first."""
    about = {"video_id": video_id, "line": line, "after": after, "limit": limit}
    return (await session.execute(_CHANGED_FRAMES, about)).mappings().all()


async def mask_source(session: AsyncSession, masklet_id: UUID, mask_id: UUID | None) -> MaskSource | None:
    """The source of one of a masklet's masks."""
    found = select(FrameMask.source).where(FrameMask.masklet_id == masklet_id, FrameMask.id == mask_id)
    return (await session.scalars(found)).one_or_none()


async def known_masks(session: AsyncSession, masklet_id: UUID, *, before: UUID | None) -> Sequence[RowMapping]:
    """Every mask the model server needs in order to restore a masklet, by frame.

    With `before`, the id of a prompt's action, the frames that it changed have the mask they had before it.
    """
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


async def drawn_checksums(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, int]:
    """For each masklet, the sum of the first 32 bits of the ids of its masks that no propagation made.

    It changes whenever one of them does, and the browser can work it out from what it shows.
    """
    bits = cast(func.concat("x", func.left(cast(FrameMask.id, String), 8)), BIT(32))
    found = (
        select(FrameState.masklet_id, func.sum(cast(bits, BigInteger)))
        .join(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), FrameMask.masklet_id.in_(masklet_ids), DRAWN)
        .group_by(FrameState.masklet_id)
    )
    sums = {masklet_id: int(checksum) for masklet_id, checksum in await session.execute(found)}
    return {masklet_id: sums.get(masklet_id, 0) for masklet_id in masklet_ids}


async def mask_counts(session: AsyncSession, masklet_id: UUID, mask_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """COCO counts of some of a masklet's masks, current or not."""
    found = select(FrameMask.id, FrameMask.counts).where(FrameMask.masklet_id == masklet_id, FrameMask.id.in_(mask_ids))
    return {row.id: row.counts for row in await session.execute(found)}
