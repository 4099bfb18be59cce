"""Rows in the form that the API returns."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries, masklet_queries, run_queries
from backend.annotation.record.masklet_queries import VideoOutline
from backend.annotation.record.schemas import (
    ActionRef,
    Changes,
    EditRead,
    FrameMaskRead,
    FrameStateRead,
    History,
    LeftOut,
    PromptSetRead,
    RunRead,
)
from backend.annotation.record.step_queries import Entered
from backend.annotation.record.undo_limits import LineViewer, NextStep, next_steps
from backend.annotation.record.video_bounds import frame_size
from backend.masklets.edit_rules import Turn
from backend.masklets.service import masklet_read, read_masklet
from backend.tables import Action, Run, Video
from backend.tables.states import RunState
from backend.videos.problems import VideoNotFound

PAGE_FRAMES = 500
"""Frames per response, unless the caller asks for another number."""

FramesPerSecond = Mapping[UUID, float]
"""Pace of the runs that this process drives, by run id. For other runs, the row has the pace at their last mask."""


async def read_changes(
    session: AsyncSession,
    video_id: UUID,
    *,
    after: int,
    limit: int = PAGE_FRAMES,
    pace: FramesPerSecond,
    viewer: LineViewer,
) -> Changes:
    """Read what changed on a viewer's line of work after a sequence number. `more`: there are more than `limit` frames.

    Raises:
        VideoNotFound: there is no such video.
    """
    outline = await read_outline(session, video_id, after=after)
    return await changes_of(session, outline, after=after, limit=limit, pace=pace, viewer=viewer)


async def read_outline(session: AsyncSession, video_id: UUID, *, after: int) -> VideoOutline:
    """Read what has to be known before changes are read.

    Raises:
        VideoNotFound: there is no such video.
    """
    outline = await masklet_queries.outline(session, video_id, after=after)
    if outline is None:
        raise VideoNotFound
    return outline


async def changes_of(
    session: AsyncSession,
    outline: VideoOutline,
    *,
    after: int,
    limit: int = PAGE_FRAMES,
    pace: FramesPerSecond,
    viewer: LineViewer,
) -> Changes:
    """As `read_changes`, once the video's outline has been read.

    Its counter comes with the outline, so that nothing is missed: what is committed during the read may appear both in
    this response and in the next.
    """
    video_id, seq, until, line = outline.video_id, outline.seq, None, viewer.line
    history = None if viewer.user_id is None else await read_history(session, video_id, viewer)
    if seq <= after:
        return Changes(seq=seq, more=False, masklets=[], frames=[], runs=[], history=history)
    frames = await frame_queries.changed_frames(session, video_id, line, after=after, limit=limit + 1)
    more = len(frames) > limit
    if more:
        frames = frames[:limit]
        seq = until = frames[-1]["seq"]
    masklets = await masklet_queries.changed_masklets(session, video_id, line, after=after, until=until)
    runs = list[Run]()
    if outline.any_runs:
        runs += await run_queries.changed_runs(session, video_id, line, after=after, until=until)
    return Changes(
        seq=seq,
        more=more,
        masklets=[masklet_read(masklet, version) for masklet, version in masklets],
        frames=[frame_read(row, outline.size) for row in frames],
        runs=[run_read(run, pace) for run in runs],
        history=history,
    )


async def read_history(session: AsyncSession, video_id: UUID, viewer: LineViewer) -> History:
    undoable, redoable = await next_steps(session, video_id, viewer)
    return History(
        undo=_action_ref(undoable),
        redo=_action_ref(redoable),
        undo_limit=_limit_words(undoable),
        redo_limit=_limit_words(redoable),
    )


async def read_frame(session: AsyncSession, video: Video, masklet_id: UUID, frame_index: int) -> FrameStateRead:
    """One frame as this transaction sees it."""
    await session.flush()
    row = await frame_queries.frame(session, masklet_id, frame_index)
    if row is None:
        return FrameStateRead(
            masklet_id=masklet_id,
            frame_index=frame_index,
            seq=video.seq,
            prompts=None,
            mask=None,
            locked=False,
            problem=None,
        )
    return frame_read(row, frame_size(video))


def frame_read(row: RowMapping | dict[str, Any], size: tuple[int, int]) -> FrameStateRead:
    """A frame of a video whose frames have this size (height, width)."""
    prompts = None
    if row["prompt_set_id"] is not None:
        stored = {name: row[frame_queries.PROMPT_PREFIX + name] for name in PromptSetRead.model_fields}
        prompts = PromptSetRead.model_validate(stored)
    mask = None
    if row["mask_id"] is not None:
        mask = FrameMaskRead(
            id=row["mask_id"],
            size=size,
            counts=row["counts"].decode("ascii"),
            area=row["area"],
            box=None if row["area"] == 0 else (row["box_x"], row["box_y"], row["box_width"], row["box_height"]),
            source=row["source"],
            predicted_iou=row["predicted_iou"],
            object_score=row["object_score"],
            stability=row["stability"],
            candidate=row["candidate"],
            model_version=row["model_version"],
            run_id=row["run_id"],
            built_on=row.get("built_on"),
            created_at=row["created_at"],
        )
    return FrameStateRead(
        masklet_id=row["masklet_id"],
        frame_index=row["frame_index"],
        seq=row["seq"],
        prompts=prompts,
        mask=mask,
        locked=row["locked"],
        problem=row.get(frame_queries.PROMPT_PREFIX + "problem"),
    )


async def read_edit(session: AsyncSession, masklet_id: UUID, frame_index: int, action_id: UUID) -> EditRead:
    """A frame and its masklet after an edit, as this transaction sees them."""
    masklet = await read_masklet(session, masklet_id)
    video = await masklet_queries.video(session, masklet.video_id)
    assert video is not None
    frame = await read_frame(session, video, masklet_id, frame_index)
    return EditRead(frame=frame, masklet=masklet, action_id=action_id)


def edit_read(turn: Turn, action: Action, frame_index: int, mask: dict[str, Any] | None, entered: Entered) -> EditRead:
    """The same, from what the edit has just stored: a mask (a row of `frame_masks`) or nothing, and no prompts."""
    row = {**_UNKNOWN, "masklet_id": turn.masklet.id, "frame_index": frame_index, "seq": entered.seq}
    if mask is not None:
        row |= {**mask, "mask_id": mask["id"], "created_at": entered.created_at}
    masklet = masklet_read(turn.masklet, turn.model_version)
    return EditRead(frame=frame_read(row, frame_size(turn.video)), masklet=masklet, action_id=action.id)


_UNKNOWN: dict[str, Any] = {
    "prompt_set_id": None,
    "mask_id": None,
    "locked": False,
    "predicted_iou": None,
    "object_score": None,
    "stability": None,
    "candidate": None,
    "model_version": None,
    "run_id": None,
}


def run_read(run: Run, pace: FramesPerSecond) -> RunRead:
    speed = pace.get(run.id, run.frames_per_second) if run.state is RunState.running else None
    left = (run.total - run.done) / max(len(run.carried_ids), 1)
    return RunRead(
        id=run.id,
        video_id=run.video_id,
        masklet_ids=run.masklet_ids,
        direction=run.direction,
        start_frame=run.start_frame,
        first_frame=run.first_frame,
        last_frame=run.last_frame,
        state=run.state,
        done=run.done,
        total=run.total,
        frames_per_second=None if speed is None else round(speed, 2),
        eta_seconds=None if not speed else round(left / speed, 1),
        seq=run.seq,
        problem=run.problem,
        left_out=[
            LeftOut(masklet_id=UUID(masklet_id), slug=why["slug"], detail=why["detail"])
            for masklet_id, why in run.left_out.items()
        ],
    )


def _action_ref(step: NextStep | None) -> ActionRef | None:
    if step is None or step.limit is not None:
        return None
    return ActionRef(id=step.action.id, kind=step.action.kind, masklet_id=step.action.masklet_id)


def _limit_words(step: NextStep | None) -> str | None:
    return None if step is None else step.limit
