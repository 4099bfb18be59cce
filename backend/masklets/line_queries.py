"""Lines of work: what a participant of a running study does in a video belongs to them alone; the rest is common.

A masklet and an action carry the participant whose line they belong to, none for the common one. A participant sees
nothing but their own line of a video, and nobody else sees it.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.tables import Masklet, Study, StudyArm
from backend.tables.states import StudyState

Line = UUID | None
"""A participant; None is the common line."""


async def line_of(session: AsyncSession, video_id: UUID, user_id: UUID) -> Line:
    """The line a person sees and works on in a video."""
    own = (
        select(StudyArm.user_id)
        .join(Masklet, Masklet.id == StudyArm.masklet_id)
        .join(Study, Study.id == StudyArm.study_id)
        .where(Masklet.video_id == video_id, StudyArm.user_id == user_id, Study.state == StudyState.running)
    )
    return await session.scalar(own.limit(1))


def on_line(participant_id: InstrumentedAttribute[UUID | None], line: Line) -> ColumnElement[bool]:
    return participant_id.is_not_distinct_from(line)
