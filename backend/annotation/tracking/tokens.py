"""Tokens: names for an object's history, which the model server and the backend compare."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TokenStep:
    """One action in force for a masklet. `reached` is the number of masks made by a propagation that stopped early."""

    action_id: UUID
    reached: int | None = None


def history_token(steps: Sequence[TokenStep]) -> str:
    """The token of these steps in this order; empty if there are none. Different histories get different tokens."""
    if not steps:
        return ""
    text = "\n".join(f"{step.action_id} {'' if step.reached is None else step.reached}" for step in steps)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
