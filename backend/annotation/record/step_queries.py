"""The statement that enters an edit of one frame in the history: it stores six rows in one round trip.

It is composed once, without the ORM, because every brush stroke goes through it.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, Video

_ACTIONS, _CHANGES, _MASKS, _STATES, _VIDEOS, _MASKLETS = (
    cast(Table, mapped.__table__) for mapped in (Action, FrameChange, FrameMask, FrameState, Video, Masklet)
)
ACTION_COLUMNS = (
    "id",
    "video_id",
    "masklet_id",
    "kind",
    "actor_id",
    "participant_id",
    "request",
    "request_hash",
    "complete",
    "undone",
    "abandoned",
    "automatic",
)
_MASK = (
    "id",
    "masklet_id",
    "frame_index",
    "counts",
    "area",
    "box_x",
    "box_y",
    "box_width",
    "box_height",
    "source",
    "phase",
    "action_id",
    "created_by",
)
_CHANGE = (
    "action_id",
    "masklet_id",
    "frame_index",
    "before_mask_id",
    "after_mask_id",
    "before_prompts_id",
    "after_prompts_id",
)
_STATE = ("masklet_id", "frame_index", "video_id", "mask_id", "prompt_set_id", "locked", "seq")


_COUNTERS = {"the_video": ("id", "seq"), "the_masklet": ("id", "version", "seq")}
"""What changes in the rows of the video and the masklet. A parameter that is called as a column would be set."""


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of one edit of one frame, without `mask` if the frame becomes unknown, and what it is an edit of."""

    action: dict[str, Any]
    mask: dict[str, Any] | None
    change: dict[str, Any]
    state: dict[str, Any]
    video: Video
    masklet: Masklet


@dataclass(frozen=True, slots=True)
class Entered:
    """A stored step: its action's place in the history, the time of its transaction, and the frame's new number."""

    order: int
    created_at: datetime
    seq: int


async def enter(session: AsyncSession, step: Step) -> Entered:
    """Store a step. Its video must be locked: the frame and the masklet take its next two numbers."""
    frame_seq, seq = step.video.seq + 1, step.video.seq + 2
    raised: list[tuple[Video | Masklet, str, dict[str, int]]] = [
        (step.video, "the_video", {"seq": seq}),
        (step.masklet, "the_masklet", {"seq": seq, "version": step.masklet.version + 1}),
    ]
    values = _named("action", step.action) | _named("change", step.change)
    values |= _named("state", step.state | {"seq": frame_seq})
    if step.mask is not None:
        values |= _named("mask", step.mask)
    for row, prefix, counters in raised:
        values |= _named(prefix, {"id": row.id} | counters)
    entered: Any = (await session.execute(_entering(step.mask is not None), values)).one()
    for row, _prefix, counters in raised:
        for name, number in counters.items():
            set_committed_value(row, name, number)  # as stored: there is nothing to flush
    order, created_at = entered
    return Entered(order, created_at, frame_seq)


@cache
def _entering(with_mask: bool) -> Any:
    action = (
        _inserted(_ACTIONS, ACTION_COLUMNS, "action")
        .returning(_ACTIONS.c.order, _ACTIONS.c.created_at)
        .cte("new_action")
    )
    state = insert(_STATES).values(_bound(_STATES, _STATE, "state"))
    moved = {name: state.excluded[name] for name in ("mask_id", "prompt_set_id", "seq")}
    state = state.on_conflict_do_update(index_elements=["masklet_id", "frame_index"], set_=moved)
    others = [
        _inserted(_CHANGES, _CHANGE, "change"),
        state,
        _counted(_VIDEOS, "the_video"),
        _counted(_MASKLETS, "the_masklet"),
    ]
    if with_mask:
        others.append(_inserted(_MASKS, _MASK, "mask"))
    return select(action.c.order, action.c.created_at).add_cte(
        *(rows.returning(null()).cte(f"other_{number}") for number, rows in enumerate(others))
    )


def _inserted(table: Table, names: tuple[str, ...], prefix: str) -> Any:
    return insert(table).values(_bound(table, names, prefix))


def _counted(table: Table, prefix: str) -> Any:
    key, *counters = _COUNTERS[prefix]
    bound = _bound(table, _COUNTERS[prefix], prefix)
    return update(table).where(table.c[key] == bound[key]).values({name: bound[name] for name in counters})


def _bound(table: Table, names: tuple[str, ...], prefix: str) -> dict[str, Any]:
    return {name: bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in names}


def _named(prefix: str, row: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in row.items()}
