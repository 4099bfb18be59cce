"""Names for an object's history, as the model server and we both keep it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Step:
    """One action that still counts for a masklet. `reached` is set where a propagation stopped early."""

    action_id: UUID
    reached: int | None = None


def history_token(steps: Sequence[Step]) -> str:
    """Names these steps in this order; empty for none. Two histories that differ anywhere get different names."""
    if not steps:
        return ""
    text = "\n".join(f"{step.action_id} {'' if step.reached is None else step.reached}" for step in steps)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
