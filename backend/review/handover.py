"""What a verdict does to tasks: it ends the verifier's, and sends an unsatisfactory masklet back to its annotator."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.leases.fence import refuse
from backend.leases.queries import held_tasks
from backend.masklets.course import CourseEvent
from backend.masklets.edit_rules import Turn
from backend.masklets.headers import Editor
from backend.masklets.work import Handover, advance, finish, seal
from backend.review import queries
from backend.review.problems import OwnWork
from backend.review.schemas import VerdictCreate
from backend.tables import Masklet, Task
from backend.tables.states import TaskKind, TaskOutcome, VerdictKind, WorkState


async def check_verifier(session: AsyncSession, masklet: Masklet, editor: Editor) -> None:
    """Check that this person may verify the masklet now.

    Raises:
        OwnWork: they worked on it themselves.
        LeaseHeld: another verifier holds it, or an annotator who has not submitted it.
    """
    if await queries.may_not_verify(session, masklet.id, editor.actor_id):
        raise OwnWork("You worked on this masklet; somebody else has to judge it.")
    await check_free(session, masklet, user_id=editor.actor_id)


async def check_free(session: AsyncSession, masklet: Masklet, *, user_id: UUID) -> None:
    """Check that nobody else has the masklet in hand.

    Raises:
        LeaseHeld: somebody has.
    """
    unsubmitted = masklet.work is WorkState.annotating and masklet.participant_id is None
    for task, live in await held_tasks(session, masklet.video_id):
        theirs = task.masklet_id == masklet.id or (unsubmitted and task.masklet_id is None)
        if live and theirs and task.assignee_id != user_id:
            await refuse(session, task)


async def hand_over(session: AsyncSession, turn: Turn, body: VerdictCreate, editor: Editor) -> None:
    """Finish the verifier's task, and open a refine task for an unsatisfactory masklet."""
    verify = await queries.open_task(session, turn.masklet.id, TaskKind.verify) or _verify_task(turn)
    verify.assignee_id = editor.actor_id
    finish(verify, TaskOutcome.submitted)
    session.add(verify)
    await session.flush()
    handover = None
    if body.verdict is VerdictKind.unsatisfactory:
        handover = Handover(
            priority=verify.priority or 0,
            assignee_id=await queries.latest_annotator(session, turn.masklet.id, turn.video.project_id),
            reason=": ".join(part for part in (", ".join(body.reasons), body.note) if part) or None,
            frame_index=await _where(session, turn.masklet.id, body),
        )
    await advance(session, turn.masklet, CourseEvent(body.verdict), handover)
    await seal(session, turn.masklet)


async def ask_again(session: AsyncSession, turn: Turn) -> None:
    """After a verdict was withdrawn, let the masklet wait for one again."""
    await advance(session, turn.masklet, CourseEvent.withdrawn)
    await seal(session, turn.masklet)


async def _where(session: AsyncSession, masklet_id: UUID, body: VerdictCreate) -> int | None:
    """The frame that an annotator should look at first: the verifier's, else the one of the lowest predicted IoU."""
    if body.frame_index is not None:
        return body.frame_index
    worst = await queries.worst_frames(session, [masklet_id], count=1)
    return next(iter(worst.get(masklet_id, [])), None)


def _verify_task(turn: Turn) -> Task:
    """The task of a verdict that nobody asked for, so that every verdict has one."""
    return Task(
        video_id=turn.video.id, masklet_id=turn.masklet.id, kind=TaskKind.verify, phase=turn.masklet.phase, epoch=0
    )
