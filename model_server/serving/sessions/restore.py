"""Rebuilding what a session knew of an object, from what the backend has stored."""

import asyncio
from functools import partial
from uuid import uuid4

import structlog

from model_server.contract.sessions import ReplayPrompt, ReplayPropagation, RestoreRequest
from model_server.segmenter import Direction, FramePrompt
from model_server.serving.conversion import checked_frame, checked_mask, frame_prompt
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.runs.frame_order import Span, frames_in_order
from model_server.serving.sessions.session import Session
from model_server.serving.sessions.stored_masks import StoredMask

log = structlog.get_logger()


class Restore:
    """One restore. Until it ends the object has a token of its own, so that nothing else builds on half of it."""

    def __init__(self, request: RestoreRequest, session: Session, worker: GpuWorker) -> None:
        self._request = request
        self._session = session
        self._worker = worker
        self._object_id = request.object_id
        self._marker = f"!restoring {uuid4().hex}"

    async def run(self) -> int:
        """Frames restored, or masks made by the replay. NeedsRestore if another restore of the object took over."""
        stored = await asyncio.to_thread(self._stored_masks)
        begin = partial(self._session.begin_restore, self._object_id, self._marker)
        await self._worker.run(Priority.prompt, begin)
        restored = await (self._replay() if self._request.replay else self._recall(stored))
        end = partial(self._session.end_restore, self._object_id, self._marker, self._request.token)
        await self._worker.run(Priority.prompt, end)
        log.info("object.restored", object_id=self._object_id, restored=restored, exact=bool(self._request.replay))
        return restored

    def _stored_masks(self) -> list[StoredMask]:
        """All of them, checked: later, when one is needed, there is nobody to tell that it cannot be drawn."""
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

    async def _recall(self, stored: list[StoredMask]) -> int:
        """Take the stored masks; a prompt without one is run when everything else is known."""
        await self._worker.run(Priority.prompt, partial(self._remember, stored))
        unanswered = [seed for seed in self._request.conditioning if seed.mask is None]
        for seed in unanswered:
            assert seed.prompt is not None
            await self._prompt(ReplayPrompt(kind="prompt", frame_index=seed.frame_index, prompt=seed.prompt))
        return len(stored) + len(unanswered)

    async def _replay(self) -> int:
        restored = 0
        for step in self._request.replay:
            if isinstance(step, ReplayPrompt):
                await self._prompt(step)
                restored += 1
            else:
                restored += await self._propagate(step)
        return restored

    async def _prompt(self, step: ReplayPrompt) -> None:
        prompt = frame_prompt(step.prompt, self._session.reader)
        frame_index = checked_frame(step.frame_index, self._session.reader)
        await self._worker.run(Priority.prompt, partial(self._prompt_again, frame_index, prompt))

    async def _propagate(self, step: ReplayPropagation) -> int:
        checked_frame(step.last_frame, self._session.reader)
        skipped = frozenset(step.skip)
        span = Span(step.first_frame, step.last_frame, step.start_frame, step.direction)
        frames = [visit for visit in frames_in_order(span) if visit[0] not in skipped]
        for frame_index, direction in frames:
            await self._worker.run(Priority.step, partial(self._track, frame_index, direction))
        return len(frames)

    # On the device thread.

    def _remember(self, stored: list[StoredMask]) -> None:
        self._session.expect_token(self._object_id, self._marker)
        self._session.remember(self._object_id, stored)

    def _prompt_again(self, frame_index: int, prompt: FramePrompt) -> None:
        self._session.expect_token(self._object_id, self._marker)
        self._session.replay_prompt(self._object_id, frame_index, prompt)

    def _track(self, frame_index: int, direction: Direction) -> None:
        self._session.expect_token(self._object_id, self._marker)
        self._session.track_together([self._object_id], frame_index, direction)
