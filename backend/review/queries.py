"""Queries for verification: masklets to verify, their quality, and their verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.leases.queries import may_do
from backend.page import Page, falling, rising
from backend.review.rank_queries import NUM_GRID_FRAMES
from backend.tables import (
    Action,
    FrameMask,
    FrameState,
    Masklet,
    Project,
    ReviewRank,
    Run,
    Task,
    User,
    Verdict,
    Video,
)
from backend.tables.states import MADE_HERE_BY_NOBODY, ActionKind, MaskSource, TaskKind, TaskState
from backend.tasks.own_work_queries import WORK, judges_own
from backend.tasks.queries import claimable, held_by, hidden

_CURRENT = and_(FrameMask.masklet_id == FrameState.masklet_id, FrameMask.id == FrameState.mask_id)
_ON_GRID = FrameState.frame_index % Video.stride == 0
_DRAWN = or_(FrameState.prompt_set_id.is_not(None), FrameMask.source.not_in(MADE_HERE_BY_NOBODY))


@dataclass(frozen=True, slots=True)
class Quality:
    """Statistics of a masklet's current masks on the annotation grid."""

    masklet_id: UUID
    num_known: int
    num_drawn: int
    num_visible: int
    mean_predicted_iou: float | None
    lowest_predicted_iou: float | None
    mean_object_score: float | None

    @classmethod
    def of_nothing(cls, masklet_id: UUID) -> "Quality":
        """Of a masklet that has masks off the annotation grid only."""
        return cls(masklet_id, 0, 0, 0, None, None, None)


async def project_exists(session: AsyncSession, project_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Project.id == project_id))))


class Waiting(NamedTuple):
    """A masklet that waits for a verdict, and the keys of its place in the queue."""

    video_id: UUID
    num_frames: int  # of the annotation grid
    contest: str | None  # why its last verdict is contested
    trust: float
    video_name: str
    number: int
    masklet_id: UUID


async def masklets_to_verify(
    session: AsyncSession, project_id: UUID, page: Page, *, viewer_id: UUID
) -> Sequence[Waiting]:
    """A page of the masklets whose verify task this person holds or could claim, riskiest first.

    These are the tasks that the queue of work shows, no more and no fewer.
    """
    ranked = select(ReviewRank.task_id).where(ReviewRank.project_id == project_id)
    keys = (ReviewRank.trust, ReviewRank.video_name, ReviewRank.number, ReviewRank.masklet_id)

    async def theirs(ranks: Sequence[Any]) -> Sequence[Waiting]:
        place: dict[UUID, Sequence[Any]] = {task_id: key for task_id, *key in ranks}
        waiting = (
            select(Task.id, Video.id, NUM_GRID_FRAMES, Task.reason)
            .join(Video, Video.id == Task.video_id)
            .join(Project, Project.id == Video.project_id)
            .where(Task.id.in_(place), Task.kind == TaskKind.verify, ~hidden())
            .where(or_(claimable(viewer_id), held_by(viewer_id)))
        )
        found: dict[UUID, Sequence[Any]] = {task_id: row for task_id, *row in await session.execute(waiting)}
        return [Waiting(*found[task_id], *key) for task_id, key in place.items() if task_id in found]

    return await page.picked_rows(session, ranked, theirs, *map(rising, keys))


async def quality_of(session: AsyncSession, masklet_ids: Sequence[UUID]) -> dict[UUID, Quality]:
    """Quality by masklet; masklets without a mask on the annotation grid are left out."""
    rows = await session.execute(_quality(Masklet.id.in_(masklet_ids)))
    return {row[0]: Quality(*row) for row in rows}


async def worst_frames(session: AsyncSession, masklet_ids: Sequence[UUID], *, count: int) -> dict[UUID, list[int]]:
    """Each masklet's propagated frames with the lowest predicted IoU, worst first."""
    rank = func.row_number().over(
        partition_by=FrameState.masklet_id, order_by=(FrameMask.predicted_iou, FrameState.frame_index)
    )
    ranked = (
        select(FrameState.masklet_id, FrameState.frame_index, rank.label("rank"))
        .join(FrameMask, _CURRENT)
        .where(FrameState.masklet_id.in_(masklet_ids), FrameMask.source == MaskSource.propagated)
        .subquery()
    )
    found = select(ranked.c.masklet_id, ranked.c.frame_index).where(ranked.c.rank <= count)
    worst: dict[UUID, list[int]] = {}
    for masklet_id, frame_index in await session.execute(found.order_by(ranked.c.masklet_id, ranked.c.rank)):
        worst.setdefault(masklet_id, []).append(frame_index)
    return worst


async def has_unfinished_prompt(session: AsyncSession, masklet_id: UUID) -> bool:
    waiting = exists().where(
        Action.masklet_id == masklet_id, Action.kind == ActionKind.prompt, ~Action.complete, ~Action.undone
    )
    return bool(await session.scalar(select(waiting)))


async def video_of(session: AsyncSession, masklet_id: UUID) -> UUID | None:
    return await session.scalar(select(Masklet.video_id).where(Masklet.id == masklet_id))


async def verdict_by_key(session: AsyncSession, key: UUID) -> Verdict | None:
    return await session.scalar(select(Verdict).where(Verdict.idempotency_key == key))


async def verdicts(session: AsyncSession, masklet_id: UUID, page: Page) -> Sequence[tuple[Verdict, str]]:
    """A page of the verdicts on a masklet with their verifiers' names, latest first."""
    given = select(Verdict, User.name).join(User, User.id == Verdict.verifier_id)
    found = given.where(Verdict.masklet_id == masklet_id)
    rows = await page.rows(session, found, falling(Verdict.created_at), falling(Verdict.id))
    return [(row[0], row[1]) for row in rows]


async def latest_verdicts(session: AsyncSession, masklet_ids: Sequence[UUID]) -> dict[UUID, tuple[Verdict, str]]:
    """By masklet: its latest verdict that was not withdrawn, with the verifier's name."""
    found = (
        select(Verdict, User.name)
        .ext(distinct_on(Verdict.masklet_id))
        .join(User, User.id == Verdict.verifier_id)
        .where(Verdict.masklet_id.in_(masklet_ids), ~Verdict.withdrawn)
        .order_by(Verdict.masklet_id, Verdict.created_at.desc(), Verdict.id)
    )
    return {verdict.masklet_id: (verdict, name) for verdict, name in await session.execute(found)}


async def latest_verdict(session: AsyncSession, masklet_id: UUID) -> Verdict | None:
    """A masklet's latest verdict that was not withdrawn."""
    standing = select(Verdict).where(Verdict.masklet_id == masklet_id, ~Verdict.withdrawn)
    return (await session.scalars(standing.order_by(Verdict.created_at.desc()).limit(1))).first()


async def may_not_verify(session: AsyncSession, masklet_id: UUID, user_id: UUID) -> bool:
    """Whether the verdict would be on the person's own work, in a project that forbids it."""
    found = (
        select(Masklet.id)
        .join(Video, Video.id == Masklet.video_id)
        .join(Project, Project.id == Video.project_id)
        .where(Masklet.id == masklet_id, judges_own(user_id, Masklet.id))
    )
    return (await session.scalar(found)) is not None


async def latest_annotator(session: AsyncSession, masklet_id: UUID, project_id: UUID) -> UUID | None:
    """The person who last worked on a masklet, of those who may still refine it."""
    carried = select(Run.action_id).where(Run.masklet_ids.contains([masklet_id]))
    worked = (
        select(Action.actor_id)
        .join(User, User.id == Action.actor_id)
        .where(or_(Action.masklet_id == masklet_id, Action.id.in_(carried)))
        .where(~Action.undone, ~Action.automatic, Action.kind.in_(WORK))
        .where(may_do(User.id, TaskKind.refine, project_id))
    )
    return await session.scalar(worked.order_by(Action.order.desc()).limit(1))


async def open_task(session: AsyncSession, masklet_id: UUID, kind: TaskKind) -> Task | None:
    found = select(Task).where(Task.masklet_id == masklet_id, Task.kind == kind, Task.state != TaskState.done)
    return (await session.scalars(found.order_by(Task.created_at).limit(1).with_for_update())).first()


def _quality(which: ColumnElement[bool]) -> Any:
    return (
        select(
            Masklet.id,
            func.count(FrameMask.id),
            func.count(FrameMask.id).filter(_DRAWN),
            func.count(FrameMask.id).filter(FrameMask.area > 0),
            func.avg(FrameMask.predicted_iou),
            func.min(FrameMask.predicted_iou),
            func.avg(FrameMask.object_score),
        )
        .join(Video, Video.id == Masklet.video_id)
        .join(FrameState, FrameState.masklet_id == Masklet.id)
        .join(FrameMask, _CURRENT)
        .where(which, _ON_GRID)
        .group_by(Masklet.id)
    )
