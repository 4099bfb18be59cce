"""Queries for masklets and their video."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.line_queries import LINE, PARTICIPANTS, Line, on_line
from backend.masklets.queries import latest_model_version
from backend.tables import Masklet, Run, Video
from backend.tables.base import LAST_SEQ
from backend.tables.states import Phase


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.scalar(_VIDEO, {"video_id": video_id})


_VIDEO = select(Video).where(Video.id == bindparam("video_id"))


@dataclass(frozen=True, slots=True)
class VideoOutline:
    """What is known of a video before its changes are read."""

    video_id: UUID
    seq: int  # the last sequence number given out for it
    size: tuple[int, int]  # (height, width), zeros before the end of ingest
    participants: Collection[UUID]  # who has a line of their own in it
    any_runs: bool  # whether runs have changed

    def line_of(self, user_id: UUID) -> Line:
        """The line that a person sees and works on in the video."""
        return user_id if user_id in self.participants else None


_OUTLINE = select(
    Video.seq,
    func.coalesce(Video.height, 0),
    func.coalesce(Video.width, 0),
    PARTICIPANTS,
    exists().where(Run.video_id == bindparam("video_id"), Run.seq > bindparam("after")),
).where(Video.id == bindparam("video_id"))


async def outline(session: AsyncSession, video_id: UUID, *, after: int) -> VideoOutline | None:
    """A video, and what kinds of changes there are after a sequence number; None if there is no such video."""
    row = (await session.execute(_OUTLINE, {"video_id": video_id, "after": after})).one_or_none()
    return None if row is None else VideoOutline(video_id, row[0], (row[1], row[2]), row[3], row[4])


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
