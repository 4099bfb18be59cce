"""Queries for the data from which figures are computed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.tally_queries import TALLIED, TALLY_COLUMNS, tally_of, with_inputs
from backend.insights.alignment import StoredMask
from backend.insights.facts import Edit, Judgement, MaskletFacts
from backend.tables import (
    Action,
    FrameChange,
    FrameMask,
    FrameState,
    Masklet,
    Project,
    Run,
    Study,
    StudyArm,
    User,
    Verdict,
    Video,
)
from backend.tables.states import ActionKind, VerdictKind

_CURRENT = and_(FrameMask.masklet_id == FrameState.masklet_id, FrameMask.id == FrameState.mask_id)
_ON_GRID = FrameState.frame_index % Video.stride == 0


async def project_exists(session: AsyncSession, project_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Project.id == project_id))))


async def video_ids(session: AsyncSession, project_id: UUID) -> Sequence[UUID]:
    return (await session.scalars(select(Video.id).where(Video.project_id == project_id))).all()


async def masklets(session: AsyncSession, project_id: UUID) -> list[MaskletFacts]:
    """A project's masklets with their spans, without deleted ones, imported ones and those that have no mask."""
    span = (
        select(
            Masklet,
            func.min(FrameState.frame_index).label("first"),
            func.max(FrameState.frame_index).label("last"),
            Video.stride,
            StudyArm.study_id,
            StudyArm.selected_id,
        )
        .join(Video, Video.id == Masklet.video_id)
        .outerjoin(StudyArm, StudyArm.masklet_id == Masklet.id)
        .join(FrameState, FrameState.masklet_id == Masklet.id)
        .where(Video.project_id == project_id, ~Masklet.deleted, Masklet.import_id.is_(None))
        .where(FrameState.mask_id.is_not(None), _ON_GRID)
        .group_by(Masklet.id, Video.stride, StudyArm.study_id, StudyArm.selected_id)
    )
    rows = (await session.execute(span)).all()
    ids = [masklet.id for masklet, *_ in rows]
    areas, runs = await _first_areas(session, ids), await _num_runs(session, project_id)
    return [
        MaskletFacts(
            masklet_id=masklet.id,
            video_id=masklet.video_id,
            number=masklet.number,
            name=masklet.name,
            phase=masklet.phase,
            created_by=masklet.created_by,
            created_at=masklet.created_at,
            num_frames=(last - first) // stride + 1,
            first_area=areas.get(masklet.id),
            num_propagations=runs.get(masklet.id, 0),
            verified=masklet.verdict is VerdictKind.satisfactory,
            object_key=_object_key(masklet, selected_id),
            study_id=study_id,
        )
        for masklet, first, last, stride, study_id, selected_id in rows
    ]


async def studies(session: AsyncSession, project_id: UUID) -> Sequence[Study]:
    """A project's studies that were started, newest first."""
    started = select(Study).where(Study.project_id == project_id, Study.started_at.is_not(None))
    return (await session.scalars(started.order_by(Study.created_at.desc()))).all()


async def edits(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, list[Edit]]:
    """All prompts and drawings by masklet, in the order in which they were made."""
    made = with_inputs(
        select(
            FrameChange.masklet_id,
            FrameChange.frame_index,
            Action.actor_id,
            Action.created_at,
            FrameChange.frame_index % Video.stride == 0,
            ~Action.undone,
            *TALLY_COLUMNS,
        )
    )
    made = made.join(Video, Video.id == Action.video_id)
    made = made.where(FrameChange.masklet_id.in_(masklet_ids), Action.kind.in_(TALLIED)).order_by(Action.order)
    found: defaultdict[UUID, list[Edit]] = defaultdict(list)
    for masklet_id, frame, actor, at, on_grid, in_force, *columns in await session.execute(made):
        tally = tally_of(*columns)
        found[masklet_id].append(
            Edit(
                masklet_id=masklet_id,
                frame_index=frame,
                actor_id=actor,
                at=at,
                on_grid=on_grid,
                changed=in_force and tally.mask_changed,
                clicks=tally.new_clicks,
                box=tally.new_box,
                stroke=columns[0] is not ActionKind.prompt,
            )
        )
    return dict(found)


async def judgements(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, list[Judgement]]:
    """Verdicts that were not withdrawn, by masklet, oldest first."""
    standing = select(Verdict.masklet_id, Verdict.verdict, Verdict.verifier_id, Verdict.created_at)
    standing = standing.where(Verdict.masklet_id.in_(masklet_ids), ~Verdict.withdrawn).order_by(Verdict.created_at)
    found: defaultdict[UUID, list[Judgement]] = defaultdict(list)
    for row in await session.execute(standing):
        found[row.masklet_id].append(Judgement(*row))
    return dict(found)


async def names(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, str]:
    found = await session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in found}


@dataclass(frozen=True, slots=True)
class GridMasks:
    """A masklet's current masks on the annotation grid, by frame index."""

    height: int
    width: int
    masks: dict[int, StoredMask]


async def grid_masks(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, GridMasks]:
    """The grid masks of these masklets, by masklet."""
    current = (
        select(
            FrameState.masklet_id, FrameState.frame_index, FrameMask.counts, FrameMask.area, Video.height, Video.width
        )
        .join(FrameMask, _CURRENT)
        .join(Video, Video.id == FrameState.video_id)
        .where(FrameState.masklet_id.in_(masklet_ids), _ON_GRID)
    )
    found: dict[UUID, GridMasks] = {}
    for masklet_id, frame_index, counts, area, height, width in await session.execute(current):
        of = found.setdefault(masklet_id, GridMasks(height or 0, width or 0, {}))
        of.masks[frame_index] = StoredMask(counts, area)
    return found


def _object_key(masklet: Masklet, selected_id: UUID | None) -> str:
    """What identifies an object: in a study, the masklet that was copied; otherwise its video and name."""
    return str(selected_id) if selected_id else f"{masklet.video_id} {masklet.name.strip().casefold()}"


async def _first_areas(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, int]:
    """Each masklet's area in pixels on the first frame where it is visible."""
    visible = (
        select(FrameState.masklet_id, FrameMask.area)
        .ext(distinct_on(FrameState.masklet_id))
        .join(FrameMask, _CURRENT)
        .where(FrameState.masklet_id.in_(masklet_ids), FrameMask.area > 0)
        .order_by(FrameState.masklet_id, FrameState.frame_index)
    )
    rows = (await session.execute(visible)).all()
    return {row.masklet_id: row.area for row in rows}


async def _num_runs(session: AsyncSession, project_id: UUID) -> dict[UUID, int]:
    """The number of propagations by masklet."""
    each = func.unnest(Run.masklet_ids).label("masklet_id")
    of_project = select(each).join(Video, Video.id == Run.video_id).where(Video.project_id == project_id).subquery()
    counted = select(of_project.c.masklet_id, func.count().label("number")).group_by(of_project.c.masklet_id)
    rows = (await session.execute(counted)).all()
    return {row.masklet_id: row.number for row in rows}
