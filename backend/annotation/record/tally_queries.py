"""Queries for the tallies of inputs: from their masks and prompts or, once these are compacted, as they were kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func
from sqlalchemy.orm import aliased

from backend.tables import Action, FrameChange, FrameMask, PromptSet
from backend.tables.states import ActionKind

Clicks = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class InputTally:
    """What one prompt set or drawing brought. Compaction keeps it when the masks and prompts themselves go."""

    mask_changed: bool  # whether or not it was undone later
    new_clicks: int
    new_box: bool


def new_clicks(before: Clicks, after: Clicks) -> int:
    """The number of points that this prompt set adds to its frame.

    A prompt set has all points of its frame, so those that were there before do not count again. A moved point counts
    as a new one. A point that is later removed, undone or replaced still counts, in the prompt set that added it.
    Choosing another candidate for a point adds none.
    """
    return sum((Counter(map(_point, after)) - Counter(map(_point, before))).values())


def _point(click: dict[str, Any]) -> tuple[float, float, str]:
    return float(click["x"]), float(click["y"]), str(click["label"])


_before, _after = aliased(FrameMask), aliased(FrameMask)
_before_prompts, _after_prompts = aliased(PromptSet), aliased(PromptSet)

TALLIED = (ActionKind.prompt, ActionKind.edit_mask)
"""The actions that are inputs on a frame."""

TALLY_COLUMNS = (
    Action.kind,
    func.coalesce(
        FrameChange.mask_changed, and_(_after.id.is_not(None), _after.counts.is_distinct_from(_before.counts))
    ),
    FrameChange.new_clicks,
    FrameChange.new_box,
    _before_prompts.clicks,
    _after_prompts.clicks,
    _before_prompts.box,
    _after_prompts.box,
)
"""What `tally_of` needs, of frame changes that `with_inputs` has joined with masks and prompts."""


def with_inputs(changes: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Join frame changes with their actions, and with the masks and prompts before and after."""
    return (
        changes.join(Action, Action.id == FrameChange.action_id)
        .outerjoin(
            _before, and_(_before.masklet_id == FrameChange.masklet_id, _before.id == FrameChange.before_mask_id)
        )
        .outerjoin(_after, and_(_after.masklet_id == FrameChange.masklet_id, _after.id == FrameChange.after_mask_id))
        .outerjoin(_before_prompts, _before_prompts.id == FrameChange.before_prompts_id)
        .outerjoin(_after_prompts, _after_prompts.id == FrameChange.after_prompts_id)
    )


def tally_of(*columns: Any) -> InputTally:
    """The tally of a row's `TALLY_COLUMNS`."""
    kind, changed, kept_clicks, kept_box, clicks_before, clicks_after, box_before, box_after = columns
    if kept_clicks is not None:
        return InputTally(changed, kept_clicks, kept_box)
    if kind is not ActionKind.prompt:
        return InputTally(changed, 0, new_box=False)
    added = new_clicks(clicks_before or [], clicks_after or [])
    return InputTally(changed, added, new_box=box_after is not None and box_after != box_before)
