"""Requests that are no steps of a history are answered once: the same one under the same key changes nothing."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets import repeat_queries
from backend.problems import IdempotencyKeyReused


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request about a video. `body` tells it from every other; it is JSON."""

    key: UUID
    video_id: UUID
    actor_id: UUID
    body: dict[str, Any]

    def hash(self) -> str:
        """SHA-256 of the body in canonical form."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()


async def is_repeated(session: AsyncSession, request: KeyedRequest) -> bool:
    """Whether this request was answered before. If not, it is from now on, unless the transaction fails.

    Raises:
        IdempotencyKeyReused: the key belongs to another request.
    """
    video_id, actor_id, told = request.video_id, request.actor_id, request.hash()
    if await repeat_queries.note(session, request.key, video_id=video_id, actor_id=actor_id, request_hash=told):
        return False
    if await repeat_queries.noted(session, request.key) != (actor_id, told):
        raise IdempotencyKeyReused("Use a new Idempotency-Key for a new request.")
    return True
