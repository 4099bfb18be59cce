"""The durable job of a search: for each key frame, find masks, keep new ones, and propagate them through the video.

It can run again after a crash at any point: a key frame is marked as done in the transaction that creates the run of
its masklets, and runs continue by themselves.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from backend.annotation.engine import AnnotationEngine
from backend.autolabel import queries
from backend.autolabel.found_masklets import Find, keep, let_go
from backend.autolabel.problems import AutoLabelingBroken
from backend.autolabel.schemas import AutoLabelingCreate
from backend.autolabel.search import look
from backend.autolabel.selection import key_frames
from backend.autolabel.thresholds import settled
from backend.jobs.context import JobContext, JobKind, JobWithdrawn
from backend.model_client.problems import ModelServerUnavailable
from backend.models.queries import wanted_model
from backend.tables import AutoLabeling, Run
from backend.tables.states import RunState
from backend.videos.ready_video import ReadyVideo
from model_server.contract.search import FoundMask

_Answer = TypeVar("_Answer")
_POLL_SECONDS = 0.25
_PATIENCE_SECONDS = 300.0  # to wait for a model server that is down
_PAUSE_SECONDS = 1.0
_SEARCH_SHARE = 0.4  # of a key frame's time; the rest is propagation


class _Cancelled(Exception):
    """A person stopped the search."""


def autolabel_kind(engine: AnnotationEngine) -> JobKind:
    """The job's work, with the engine of this process."""

    async def work(context: JobContext) -> None:
        await _autolabel(engine, context)

    return JobKind(work, lasting=True)


@dataclass
class _Search:
    """One run of the job."""

    engine: AnnotationEngine
    context: JobContext
    id: UUID
    video_id: UUID
    num_frames: int = 1  # key frames
    position: int = 0
    next_check: float = 0.0

    async def tell(self, share: float, message: str) -> None:
        """Report the progress of the current key frame, as a share between 0 and 1.

        Raises:
            _Cancelled: a person cancelled the search.
            JobWithdrawn: the video was deleted.
        """
        if time.monotonic() >= self.next_check:
            self.next_check = time.monotonic() + _POLL_SECONDS
            async with self.context.sessions.begin() as session:
                is_cancelled = await queries.is_cancelled(session, self.id)
            if is_cancelled is None:
                raise JobWithdrawn
            if is_cancelled:
                raise _Cancelled
        done = round(100 * (self.position + min(share, 0.99)) / self.num_frames)
        await self.context.report(done, 100, message=message, unit="percent")


async def _autolabel(engine: AnnotationEngine, context: JobContext) -> None:
    async with context.sessions.begin() as session:
        found = await queries.of_job(session, context.job_id)
        if found is None:
            raise JobWithdrawn
        labeling, video = found
    search = _Search(engine, context, labeling.id, video.id)
    try:
        options = await _settled(search, AutoLabelingCreate.model_validate(labeling.options))
        frames = key_frames(ReadyVideo.of(video), options)
        search.num_frames = len(frames)
        for search.position, frame_index in enumerate(frames):
            if not await _key_frame(search, frame_index, options):
                break
        async with context.sessions.begin() as session:
            now = await queries.auto_labeling(session, labeling.id)
            await context.finish(session, message=_words(now))
    except _Cancelled:
        async with context.sessions.begin() as session:
            kept = await let_go(session, labeling.id)
            await context.finish(session, message=f"Cancelled; {kept} masklets kept")
        await engine.driver.drop_ended()


async def _settled(search: _Search, options: AutoLabelingCreate) -> AutoLabelingCreate:
    async with search.context.sessions.begin() as session:
        wanted = await wanted_model(session, search.video_id)

    async def ask() -> str:
        if wanted is None:
            return (await search.engine.fleet.model()).config_name
        entries = (await search.engine.fleet.models()).models
        return next((entry.config_name for entry in entries if entry.name == wanted), "")

    return settled(options, await _patiently(search, ask))


async def _key_frame(search: _Search, frame_index: int, options: AutoLabelingCreate) -> bool:
    """Search one key frame, unless that is done, and wait for its propagation. False if there are enough masklets."""
    async with search.context.sessions.begin() as session:
        labeling = await queries.auto_labeling(session, search.id)
        if labeling is None:
            raise JobWithdrawn
        step = next((step for step in labeling.steps if step["frame"] == frame_index), None)
        enough = sum(len(step["masklets"]) for step in labeling.steps) >= options.max_masklets
        run = await queries.run(session, UUID(step["run"])) if step and step["run"] else None
    if step is None:
        if enough:
            return False
        masks = await _patiently(search, partial(_look, search, frame_index, options))
        async with search.context.sessions.begin() as session:
            if await queries.auto_labeling(session, search.id) is None:
                raise JobWithdrawn
            run = await keep(session, search.id, Find(frame_index, masks), options)
    if run is not None:
        await _follow(search, run)
    return True


async def _look(search: _Search, frame_index: int, options: AutoLabelingCreate) -> list[FoundMask]:
    async def on_progress(asked: int, total: int) -> None:
        words = f"Looking at frame {frame_index}: {asked} of {total} points"
        await search.tell(_SEARCH_SHARE * asked / max(total, 1), words)

    return await look(search.engine, search.video_id, frame_index, options, on_progress)


async def _follow(search: _Search, run: Run) -> None:
    """Wait until a run has ended. A cancelled run counts as ended."""
    search.engine.driver.start(run)  # harmless if it is already driven
    while run.state in (RunState.queued, RunState.running):
        share = run.done / max(run.total, 1)
        words = f"Carrying {len(run.carried_ids)} masklets: {run.done} of {run.total} masks"
        await search.tell(_SEARCH_SHARE + (1 - _SEARCH_SHARE) * share, words)
        await asyncio.sleep(_POLL_SECONDS)
        async with search.context.sessions.begin() as session:
            found = await queries.run(session, run.id)
        if found is None:
            raise JobWithdrawn
        run = found
    if run.state is RunState.failed:
        raise AutoLabelingBroken(str((run.problem or {}).get("detail", "The propagation failed.")))


async def _patiently(search: _Search, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Retry a call while the model server is down.

    Raises:
        ModelServerUnavailable: it was down for too long.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except ModelServerUnavailable:
            if time.monotonic() > deadline:
                raise
        await search.tell(0.0, "Waiting for the model server")
        await asyncio.sleep(_PAUSE_SECONDS)


def _words(labeling: AutoLabeling | None) -> str:
    found = sum(len(step["masklets"]) for step in labeling.steps) if labeling else 0
    return f"{found} masklets found" if found != 1 else "1 masklet found"
