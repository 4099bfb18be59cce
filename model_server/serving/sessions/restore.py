"""Restoring an object: a session learns its history from the masks that the backend has stored."""

import asyncio
from functools import partial
from uuid import uuid4

import structlog

from model_server.contract.sessions import ConditioningSeed, RestoreRequest
from model_server.serving.conversion import checked_frame, checked_mask, frame_prompt
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.sessions.session import Session
from model_server.serving.sessions.stored_masks import StoredMask

log = structlog.get_logger()

_MASKS_AT_ONCE = 64
"""Other people's clicks wait for these: microseconds each, for a model that keeps them as run lengths."""


class Restore:
    """One restore. While it runs, the object has a token of its own, so that no request builds on half a history."""

    def __init__(self, request: RestoreRequest, session: Session, worker: GpuWorker) -> None:
        self._request = request
        self._session = session
        self._worker = worker
        self._object_id = request.object_id
        self._marker = f"!restoring {uuid4().hex}"

    async def run(self) -> int:
        """The number of frames restored. NeedsRestore if another restore of the object took over."""
        stored = await asyncio.to_thread(self._stored_masks)
        await self._on_device(partial(self._session.begin_restore, self._object_id, self._marker))
        for first in range(0, len(stored), _MASKS_AT_ONCE):
            await self._on_device(partial(self._remember, stored[first : first + _MASKS_AT_ONCE]))
        unanswered = [seed for seed in self._request.conditioning if seed.mask is None]
        for seed in unanswered:  # these prompts are run last, once everything else is known
            await self._prompt(seed)
        await self._on_device(partial(self._session.end_restore, self._object_id, self._marker, self._request.token))
        restored = len(stored) + len(unanswered)
        log.info("object.restored", object_id=self._object_id, restored=restored)
        return restored

    async def _on_device(self, work: partial[None]) -> None:
        await self._worker.run(Priority.prompt, work)

    def _stored_masks(self) -> list[StoredMask]:
        """All masks, checked now: once one is needed there is no request left to answer with a problem."""
        source = self._session.reader
        drawn = [
            StoredMask(
                checked_frame(seed.frame_index, source),
                checked_mask(seed.mask, source),
                seed.object_score,
                conditioning=True,
                answers_prompts=seed.answers_prompts,
                base=None if seed.base is None else checked_mask(seed.base, source),
            )
            for seed in self._request.conditioning
            if seed.mask is not None
        ]
        tracked = [
            StoredMask(
                checked_frame(seed.frame_index, source), checked_mask(seed.mask, source), seed.object_score, False
            )
            for seed in self._request.tracked
        ]
        return drawn + tracked

    async def _prompt(self, seed: ConditioningSeed) -> None:
        assert seed.prompt is not None, "a seed without a mask has a prompt"
        prompt = frame_prompt(seed.prompt, self._session.reader)
        frame_index = checked_frame(seed.frame_index, self._session.reader)
        again = self._session.restoring_prompt(self._marker, self._object_id, frame_index, prompt)
        await self._worker.run_steps(Priority.replay, again)

    # On the device thread.

    def _remember(self, stored: list[StoredMask]) -> None:
        self._session.expect_token(self._object_id, self._marker)
        self._session.remember(self._object_id, stored)
