"""Rebuilding what a session knew of an object, from what the backend has stored."""

from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import structlog

from model_server.contract.masks import EncodedMask
from model_server.contract.sessions import ReplayPrompt, ReplayPropagation, RestoreRequest
from model_server.segmenter import Direction, FramePrompt
from model_server.serving.conversion import checked_frame, decoded_mask, frame_prompt
from model_server.serving.frame_order import Span, frames_in_order
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.session import Seed, Session

log = structlog.get_logger()

_SEEDS_PER_JOB = 16


@dataclass(frozen=True, slots=True)
class _StoredMask:
    frame_index: int
    mask: EncodedMask
    object_score: float
    conditioning: bool


class Restore:
    """One restore. Until it ends the object has a token of its own, so that nothing else builds on half of it."""

    def __init__(self, request: RestoreRequest, session: Session, worker: GpuWorker) -> None:
        self._request = request
        self._session = session
        self._worker = worker
        self._object_id = request.object_id
        self._marker = f"!restoring {uuid4().hex}"

    async def run(self) -> int:
        """Frames seeded, or masks made by the replay. NeedsRestore if another restore of the object took over."""
        begin = partial(self._session.begin_restore, self._object_id, self._marker)
        await self._worker.run(Priority.prompt, begin)
        restored = await (self._replay() if self._request.replay else self._seed())
        end = partial(self._session.end_restore, self._object_id, self._marker, self._request.token)
        await self._worker.run(Priority.prompt, end)
        log.info("object.restored", object_id=self._object_id, restored=restored, exact=bool(self._request.replay))
        return restored

    async def _seed(self) -> int:
        """Take the stored masks; a prompt without one is run when everything else is known."""
        stored = self._stored_masks()
        for first in range(0, len(stored), _SEEDS_PER_JOB):
            batch = stored[first : first + _SEEDS_PER_JOB]
            await self._worker.run(Priority.prompt, partial(self._remember, batch))
        unanswered = [seed for seed in self._request.conditioning if seed.mask is None]
        for seed in unanswered:
            assert seed.prompt is not None
            await self._prompt(ReplayPrompt(kind="prompt", frame_index=seed.frame_index, prompt=seed.prompt))
        return len(stored) + len(unanswered)

    def _stored_masks(self) -> list[_StoredMask]:
        conditioning = [
            _StoredMask(seed.frame_index, seed.mask, seed.object_score, True)
            for seed in self._request.conditioning
            if seed.mask is not None
        ]
        tracked = [_StoredMask(seed.frame_index, seed.mask, seed.object_score, False) for seed in self._request.tracked]
        return conditioning + tracked

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

    def _remember(self, batch: list[_StoredMask]) -> None:
        """Masks are drawn here, a few at a time: a long video's would not fit into memory together."""
        self._session.expect_token(self._object_id, self._marker)
        source = self._session.reader
        seeds = [
            Seed(
                checked_frame(stored.frame_index, source),
                decoded_mask(stored.mask, source),
                stored.object_score,
                stored.conditioning,
            )
            for stored in batch
        ]
        self._session.seed(self._object_id, seeds)

    def _prompt_again(self, frame_index: int, prompt: FramePrompt) -> None:
        self._session.expect_token(self._object_id, self._marker)
        self._session.replay_prompt(self._object_id, frame_index, prompt)

    def _track(self, frame_index: int, direction: Direction) -> None:
        self._session.expect_token(self._object_id, self._marker)
        self._session.track(self._object_id, frame_index, direction)
