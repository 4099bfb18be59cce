"""Create, cancel and read runs. Their drivers (`driver.py`) work from the rows written here."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.frame_range import RunRange
from backend.annotation.record import history_queries, masklet_queries, run_queries
from backend.annotation.record.problems import (
    FrameOutOfRange,
    NothingToPropagate,
    PropagationRunning,
    RunNotFound,
    TaskIsOneFrame,
)
from backend.annotation.record.schemas import RunCreate, RunRead
from backend.annotation.record.video_bounds import num_frames
from backend.annotation.record.views import FramesPerSecond, run_read
from backend.leases.fence import fenced_off, pass_fence
from backend.leases.queries import held_task
from backend.masklets.edit_rules import Request, lock_video, next_seq, raise_version, record_action, repeated
from backend.masklets.headers import Author
from backend.masklets.line_queries import Line, line_of
from backend.masklets.problems import MaskletNotFound
from backend.masklets.queries import active_runs
from backend.masklets.run_end import end_run
from backend.masklets.work import note_edit
from backend.phases.problems import PhaseForbids
from backend.phases.rules import Tool, require_tool
from backend.problems import MaskloomError
from backend.tables import Masklet, Run, Video
from backend.tables.states import ActionKind, RunState, TaskKind

_ACTIVE = (RunState.queued, RunState.running)


async def create_run(
    session: AsyncSession,
    video_id: UUID,
    body: RunCreate,
    author: Author,
    *,
    automatic: bool = False,
    clean_under: int = 0,
) -> Run:
    """Queue a run. A repeated request returns the run that it created before.

    A run is a step of the history unless it is `automatic`. Holes and pieces of fewer than `clean_under` pixels are
    removed from its masks.
    """
    video = await lock_video(session, video_id, ready=True)
    given = body.model_dump(mode="json")
    request = Request(ActionKind.propagate, video_id, given, automatic=automatic, elsewhere=given.keys())
    if await repeated(session, author, request):
        earlier = await run_queries.run_of_action(session, author.action_id)
        assert earlier is not None
        return earlier
    span = _span(video, body)
    masklet_ids = list(dict.fromkeys(body.masklet_ids))
    line, left_out = await _check_masklets(session, video, masklet_ids, None if automatic else author)
    masklet_ids = [masklet_id for masklet_id in masklet_ids if str(masklet_id) not in left_out]
    protected = await run_queries.protected_frames(session, masklet_ids)
    locked = await run_queries.locked_frames(session, masklet_ids)
    total = sum(
        (masklet_id, frame) not in protected
        for masklet_id in masklet_ids
        for frame in span.open_frames(locked[masklet_id])
    )
    only = masklet_ids[0] if len(masklet_ids) == 1 else None
    action = await record_action(session, video, author, request, masklet_id=only, line=line)
    task = await held_task(session, video_id, author.lease)
    for masklet in await masklet_queries.masklets(session, masklet_ids):
        if await note_edit(session, masklet, action, task):  # its masks are about to change
            raise_version(session, video, masklet)
    run = Run(
        id=uuid4(),
        video_id=video_id,
        action_id=author.action_id,
        masklet_ids=masklet_ids,
        left_out=left_out,
        direction=span.direction,
        start_frame=span.start,
        first_frame=span.first,
        last_frame=span.last,
        state=RunState.queued,
        done=0,
        total=total,
        clean_under=clean_under,
        epoch=0,
        seq=next_seq(session, video),
    )
    session.add(run)
    await session.flush()
    return run


async def cancel_run(session: AsyncSession, run_id: UUID, *, viewer_id: UUID) -> Run:
    """Stop a run at once; the masks it stored stay. A run that has ended is left as it is.

    Raises:
        RunNotFound: there is no such run on the viewer's line of work.
        LeaseHeld: somebody else holds the lease on its masklets.
    """
    run = await _run(session, run_id, viewer_id)
    video = await lock_video(session, run.video_id)
    if (run := await run_queries.lock_run(session, run_id)) is None:
        raise RunNotFound("There is no such propagation.")
    if run.state in _ACTIVE:
        carried = await masklet_queries.masklets(session, run.masklet_ids)
        await pass_fence(session, video.id, carried, actor_id=viewer_id, lease=None)
        await end_run(session, video, run, RunState.cancelled)
    return run


async def read_run(session: AsyncSession, run_id: UUID, pace: FramesPerSecond, *, viewer_id: UUID) -> RunRead:
    return run_read(await _run(session, run_id, viewer_id), pace)


async def _run(session: AsyncSession, run_id: UUID, viewer_id: UUID) -> Run:
    """A run, unless it is on another person's line of work."""
    run = await run_queries.run(session, run_id)
    action = None if run is None else await history_queries.action(session, run.action_id)
    if run is None or action is None or action.participant_id not in (None, viewer_id):
        raise RunNotFound("There is no such propagation.")
    return run


async def _check_masklets(
    session: AsyncSession, video: Video, masklet_ids: list[UUID], author: Author | None
) -> tuple[Line, dict[str, Any]]:
    """Find out which masklets can be propagated. Returns their line of work and, by masklet, why others cannot.

    `author` must hold the lease; it is None where a search propagates the masks it found.

    Raises:
        MaskletNotFound: one of them is not in this video.
        Other problems of propagating: none of them can be propagated.
    """
    line = None if author is None else await line_of(session, video.id, author.actor_id)
    found = await masklet_queries.masklets(session, masklet_ids)
    if {found.id for found in found if found.video_id == video.id and found.participant_id == line} != set(masklet_ids):
        raise MaskletNotFound("One of the masklets is not in this video.")
    problems: dict[UUID, MaskloomError] = {
        masklet.id: MaskletNotFound("It was deleted.") for masklet in found if masklet.deleted
    }
    if author is not None:
        problems |= await _fenced_off(session, video, [each for each in found if each.id not in problems], author)
    for masklet in found:
        try:
            require_tool(masklet.phase, Tool.propagate)
        except PhaseForbids as error:
            problems.setdefault(masklet.id, error)
    for run in await active_runs(session, video.id):
        running = PropagationRunning("Wait for it, or cancel it first.", extra={"run_id": str(run.id)})
        for masklet_id in run.carried_ids:
            problems.setdefault(masklet_id, running)
    able = await run_queries.masklets_to_propagate(session, masklet_ids)
    for masklet_id in masklet_ids:
        if masklet_id not in able:
            problems.setdefault(masklet_id, NothingToPropagate("Click, box or draw the object on a frame first."))
    left_out = {masklet_id: problems[masklet_id] for masklet_id in masklet_ids if masklet_id in problems}
    if len(left_out) == len(masklet_ids):
        raise left_out[masklet_ids[0]]
    return line, {str(each): {"slug": error.slug, "detail": error.detail} for each, error in left_out.items()}


async def _fenced_off(
    session: AsyncSession, video: Video, masklets: Sequence[Masklet], author: Author
) -> dict[UUID, MaskloomError]:
    """The masklets that are verified or that somebody else holds, while the others may be changed."""
    task, problems = await fenced_off(session, video.id, masklets, actor_id=author.actor_id, lease=author.lease)
    if task is not None and task.kind is TaskKind.select:
        raise TaskIsOneFrame("Outline the objects on one frame and submit; whoever annotates carries them on.")
    return problems


def _span(video: Video, body: RunCreate) -> RunRange:
    end = num_frames(video)
    first = 0 if body.first_frame is None else body.first_frame
    last = end - 1 if body.last_frame is None else body.last_frame
    if not first <= body.start_frame <= last < end:
        raise FrameOutOfRange(f"first_frame <= start_frame <= last_frame must hold, and the video has {end} frames.")
    return RunRange(first, last, body.start_frame, body.direction)
