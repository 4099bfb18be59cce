"""What undo and redo stop at: other people's steps, submissions and verdicts, and later changes of the same objects."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import history_queries, masklet_queries
from backend.masklets.line_queries import Line
from backend.ontology.description import stands
from backend.tables import Action
from backend.tables.states import ActionKind


@dataclass(frozen=True, slots=True)
class LineViewer:
    """Who looks at a video or works in it, and their line of work there. Nobody in particular has no history."""

    user_id: UUID | None
    line: Line


@dataclass(frozen=True, slots=True)
class NextStep:
    """A person's next action to undo or redo, and what forbids it, if anything does."""

    action: Action
    limit: str | None  # in words


async def next_steps(
    session: AsyncSession, video_id: UUID, viewer: LineViewer
) -> tuple[NextStep | None, NextStep | None]:
    """A person's next step to undo, and to redo."""
    if viewer.user_id is None:
        return None, None
    undoable, redoable = await history_queries.ends_of_history(session, video_id, viewer.line, actor_id=viewer.user_id)
    return await _step(session, undoable), await _step(session, redoable)


async def _step(session: AsyncSession, action: Action | None) -> NextStep | None:
    return None if action is None else NextStep(action, await limit_of(session, action))


async def limit_of(session: AsyncSession, action: Action) -> str | None:
    """What forbids a person to undo or redo an action of their own, in words."""
    if action.compacted:
        return "Older steps were compacted after acceptance or deletion; undo stops there."
    own: str | None = None
    for found in await history_queries.obstacles(session, action):
        if found.sealed:
            return f"{found.masklet_name} was submitted or judged after it; undo stops there."
        if found.later_actor_id == action.actor_id:
            own = "You did something with the same object later; undo that first."
        elif found.later_actor_id is not None:
            did = "deleted" if found.later_kind is ActionKind.delete_masklet else "changed"
            return f"{found.later_actor_name} {did} {found.masklet_name} after you; undo stops there."
    if own is None and action.undone and (name := await _overtaken(session, action)):
        did = f"described {name}" if action.kind is ActionKind.describe else f"changed {name} on the same frames"
        return f"Somebody {did} after you undid this; redo stops there."
    return own


async def _overtaken(session: AsyncSession, action: Action) -> str | None:
    """The name of a masklet on which an undone action no longer finds what it found."""
    if action.kind is not ActionKind.describe or action.masklet_id is None:
        return await history_queries.overtaken_masklet(session, action)
    (masklet,) = await masklet_queries.masklets(session, [action.masklet_id])
    change = await history_queries.description_change(session, action.id, masklet.id)
    return None if change is None or stands(masklet, change.before) else masklet.name
