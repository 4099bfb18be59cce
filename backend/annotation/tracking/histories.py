"""An object's history before an action and with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import history_queries
from backend.annotation.tracking.tokens import TokenStep, history_token
from backend.tables import Action, Run
from backend.tables.states import RunState


@dataclass(frozen=True, slots=True)
class Continuation:
    """An object's tokens before and after an action: the history a request builds on, and the one it leads to."""

    base_token: str
    token: str


async def continuations(
    session: AsyncSession, masklet_ids: Sequence[UUID], *, action_id: UUID
) -> dict[UUID, Continuation]:
    """How an action continues each masklet's history; empty if the action has been undone."""
    history = await history_queries.history_of(session, masklet_ids, carried_out=action_id)
    found: dict[UUID, Continuation] = {}
    for masklet_id in masklet_ids:
        steps = [_step(action, run, masklet_id) for action, run in history if _concerns(masklet_id, action, run)]
        before = [step for step in steps if step.action_id != action_id]
        if len(before) < len(steps):
            found[masklet_id] = Continuation(history_token(before), history_token(steps))
    return found


def _concerns(masklet_id: UUID, action: Action, run: Run | None) -> bool:
    return action.masklet_id == masklet_id or (run is not None and masklet_id in run.masklet_ids)


def _step(action: Action, run: Run | None, masklet_id: UUID) -> TokenStep:
    if run is None:
        return TokenStep(action.id)
    if (left := run.left_out.get(str(masklet_id))) is not None:
        return TokenStep(action.id, left["reached"])
    return TokenStep(action.id, run.done if run.state in (RunState.cancelled, RunState.failed) else None)
