"""Lines of work: each participant of a running study has their own in a video; all other work is on the common line.

Masklets and actions have the participant whose line they are on; null is the common line. In a video of the study, a
participant sees only their own line, and nobody else sees it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.tables import Masklet, Study, StudyArm
from backend.tables.states import StudyState

Line = UUID | None
"""A participant's id; None is the common line."""

LINE: BindParameter[Any] = bindparam("line", type_=Uuid())
"""The line, in statements that are composed once."""


# Composed once, because every change of a video asks for one of them.
_PARTICIPANTS = (
    select(StudyArm.user_id)
    .join(Masklet, Masklet.id == StudyArm.masklet_id)
    .join(Study, Study.id == StudyArm.study_id)
    .where(Masklet.video_id == bindparam("video_id"), Study.state == StudyState.running)
)
_OWN_LINE = _PARTICIPANTS.where(StudyArm.user_id == bindparam("user_id")).limit(1)


async def line_of(session: AsyncSession, video_id: UUID, user_id: UUID) -> Line:
    """The line that a person sees and works on in a video."""
    return await session.scalar(_OWN_LINE, {"video_id": video_id, "user_id": user_id})


PARTICIPANTS: ColumnElement[Sequence[UUID]] = func.array(_PARTICIPANTS.scalar_subquery())
"""Who has a line of their own in the video `:video_id`, as a column."""


def on_line(participant_id: InstrumentedAttribute[UUID | None], line: Line | BindParameter[Any]) -> ColumnElement[bool]:
    return participant_id.is_not_distinct_from(line)
