"""Queries for masklets and their video."""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.line_queries import LINE, Line, on_line
from backend.masklets.queries import latest_model_version
from backend.tables import Masklet, Video
from backend.tables.base import LAST_SEQ
from backend.tables.states import Phase


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.scalar(_VIDEO, {"video_id": video_id})


_VIDEO = select(Video).where(Video.id == bindparam("video_id"))


async def last_seq(session: AsyncSession, video_id: UUID) -> int | None:
    """The last sequence number given out for a video; None if there is no such video."""
    return await session.scalar(select(Video.seq).where(Video.id == video_id))


async def phase_of(session: AsyncSession, masklet_id: UUID) -> Phase:
    return (await session.execute(select(Masklet.phase).where(Masklet.id == masklet_id))).scalar_one()


async def masklets(session: AsyncSession, masklet_ids: Sequence[UUID]) -> Sequence[Masklet]:
    return (await session.scalars(select(Masklet).where(Masklet.id.in_(masklet_ids)))).all()


async def changed_masklets(
    session: AsyncSession, video_id: UUID, line: Line, *, after: int, until: int | None
) -> Sequence[tuple[Masklet, str | None]]:
    """Masklets whose sequence number is above `after` and, if given, at most `until`, with their models, by number."""
    about = {"video_id": video_id, "line": line, "after": after, "until": LAST_SEQ if until is None else until}
    return [(masklet, version) for masklet, version in await session.execute(_changed_masklets(), about)]


@cache  # every change of a video asks for it, and composing it takes longer than Postgres takes to answer
def _changed_masklets() -> Select[Masklet, str | None]:
    return (
        select(Masklet, latest_model_version())
        .where(Masklet.video_id == bindparam("video_id"), on_line(Masklet.participant_id, LINE))
        .where(Masklet.seq > bindparam("after"), Masklet.seq <= bindparam("until"))
        .order_by(Masklet.number)
    )
