"""Queries for ontologies and for what names their classes, attributes and choices."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, any_, cast, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import DescriptionChange, Masklet, StoredOntology, Video


async def ontology(session: AsyncSession, project_id: UUID, *, shared: bool = False) -> StoredOntology | None:
    """A project's ontology; `shared`, nobody replaces it until the transaction ends."""
    found = select(StoredOntology).where(StoredOntology.project_id == project_id)
    if shared:
        found = found.with_for_update(read=True)
    return (await session.scalars(found.execution_options(populate_existing=True))).one_or_none()


async def lock_ontology(session: AsyncSession, project_id: UUID, empty: dict[str, Any]) -> StoredOntology:
    """A project's ontology, locked; made empty if there is none."""
    row = {"project_id": project_id, "version": 0, "content": empty}
    await session.execute(insert(StoredOntology).values(row).on_conflict_do_nothing())
    found = select(StoredOntology).where(StoredOntology.project_id == project_id).with_for_update()
    return (await session.scalars(found.execution_options(populate_existing=True))).one()


@dataclass(frozen=True, slots=True)
class Described:
    """A masklet or a video that names something of an ontology."""

    id: UUID
    video_id: UUID
    class_id: UUID | None
    attributes: dict[str, Any]
    hidden: bool = False  # deleted, but undo may bring it back


async def masklets_naming(
    session: AsyncSession, project_id: UUID, classes: Collection[UUID], others: Collection[UUID]
) -> list[Described]:
    """The project's masklets of these classes, or whose values name any of the others, by video and number."""
    named = or_(Masklet.class_id.in_(classes), _names(Masklet.attributes, others))
    found = (
        select(Masklet.id, Masklet.video_id, Masklet.class_id, Masklet.attributes, Masklet.deleted)
        .join(Video, Video.id == Masklet.video_id)
        .where(Video.project_id == project_id, named)
        .order_by(Masklet.video_id, Masklet.number)
    )
    return [Described(*row) for row in await session.execute(found)]


async def changes_naming(session: AsyncSession, project_id: UUID, ids: Collection[UUID]) -> Sequence[DescriptionChange]:
    """What actions said of the project's masklets that names any of these: undo would bring it back."""
    named = or_(_names(DescriptionChange.before, ids), _names(DescriptionChange.after, ids))
    found = select(DescriptionChange).join(Masklet, Masklet.id == DescriptionChange.masklet_id)
    found = found.join(Video, Video.id == Masklet.video_id).where(Video.project_id == project_id, named)
    return (await session.scalars(found)).all()


async def videos_naming(session: AsyncSession, project_id: UUID, ids: Collection[UUID]) -> list[Described]:
    found = select(Video.id, Video.attributes).where(Video.project_id == project_id, _names(Video.attributes, ids))
    return [Described(row.id, row.id, None, row.attributes) for row in await session.execute(found)]


def _names(values: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Whether stored values name one of these. Ids are unlike any other text, so it is enough to find one."""
    patterns = literal([f"%{each}%" for each in ids], ARRAY(String))
    return cast(values, String).like(any_(patterns))


async def rewrite_masklets(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Set columns of masklets by their `id`."""
    await session.execute(update(Masklet), rows)


async def rewrite_videos(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(update(Video), rows)


async def take_numbers(session: AsyncSession, video_id: UUID, count: int) -> int:
    """Take `count` sequence numbers of a locked video and return the first."""
    taken = update(Video).where(Video.id == video_id).values(seq=Video.seq + count).returning(Video.seq)
    return (await session.execute(taken)).scalar_one() - count + 1
