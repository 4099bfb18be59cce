"""What a verdict does to tasks: it ends the verifier's, and sends an unsatisfactory masklet back to its annotator."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.leases.fence import refuse
from backend.leases.queries import held_tasks
from backend.masklets.edit_rules import Turn
from backend.masklets.headers import Editor
from backend.review import queries
from backend.review.problems import OwnWork
from backend.review.schemas import VerdictCreate
from backend.tables import Masklet, Task
from backend.tables.states import TaskKind, TaskOutcome, TaskState, VerdictKind

_RESERVED = timedelta(hours=24)
"""How long a masklet that was sent back is reserved for its annotator."""


async def check_verifier(session: AsyncSession, masklet: Masklet, editor: Editor) -> None:
    """Check that this person may verify the masklet now.

    Raises:
        OwnWork: they worked on it themselves.
        LeaseHeld: another verifier holds it.
    """
    if await queries.may_not_verify(session, masklet.id, editor.actor_id):
        raise OwnWork("You worked on this masklet; somebody else has to judge it.")
    for task, live in await held_tasks(session, masklet.video_id):
        if live and task.masklet_id == masklet.id and task.assignee_id != editor.actor_id:
            await refuse(session, task)


async def hand_over(session: AsyncSession, turn: Turn, body: VerdictCreate, editor: Editor) -> None:
    """Finish the verifier's task, and open a refine task for an unsatisfactory masklet."""
    verify = await queries.open_task(session, turn.masklet.id, TaskKind.verify) or _task(turn, TaskKind.verify)
    verify.assignee_id = editor.actor_id
    _finish(verify, TaskOutcome.submitted)
    session.add(verify)
    refine = await queries.open_task(session, turn.masklet.id, TaskKind.refine)
    if body.verdict is not VerdictKind.unsatisfactory:
        if refine is not None:
            _finish(refine, TaskOutcome.dropped)
        return
    if refine is None:
        refine = _task(turn, TaskKind.refine)
        refine.priority = verify.priority or 0
        refine.assignee_id = await queries.latest_annotator(session, turn.masklet.id, turn.video.project_id)
        refine.reserved_until = func.clock_timestamp() + _RESERVED
    refine.reason = ", ".join(body.reasons) or body.note
    session.add(refine)


async def ask_again(session: AsyncSession, turn: Turn) -> None:
    """After a verdict was withdrawn, drop the open refine task and open a verify task again."""
    refine = await queries.open_task(session, turn.masklet.id, TaskKind.refine)
    if refine is not None and refine.state is TaskState.open:
        _finish(refine, TaskOutcome.dropped)
    if await queries.open_task(session, turn.masklet.id, TaskKind.verify) is None:
        session.add(_task(turn, TaskKind.verify))


def _finish(task: Task, outcome: TaskOutcome) -> None:
    task.state, task.outcome, task.finished_at, task.lease_until = TaskState.done, outcome, datetime.now(UTC), None


def _task(turn: Turn, kind: TaskKind) -> Task:
    return Task(video_id=turn.video.id, masklet_id=turn.masklet.id, kind=kind, phase=turn.masklet.phase, epoch=0)
