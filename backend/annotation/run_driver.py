"""Drives propagations: one task a run, owned by this process and not by any request or browser.

A run that meets a model server that is down waits for it. A run whose process was killed is claimed by the next
process, and goes on from what is stored.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from backend.annotation import run_queries
from backend.annotation.reading import FramesPerSecond
from backend.annotation.run_pace import Pace
from backend.annotation.run_store import Claim, RunOver, claim_run, fail_run
from backend.annotation.run_stream import RunDesk, advance
from backend.model_client.refusals import ModelServerUnavailable, ModelUnusable
from backend.problems import MaskloomError, NotFound, problem_body
from backend.tables import Run

_log = structlog.get_logger()
_MOST_FAILURES = 3  # in a row, without a single new mask between them
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0


@dataclass(slots=True)
class _Driven:
    """A run in this process. `attempt` is its current conversation with the model server."""

    masklet_ids: frozenset[UUID]
    pace: Pace
    task: "asyncio.Task[None] | None" = None
    attempt: "asyncio.Task[None] | None" = None


class RunDriver:
    """Starts, follows and stops the runs of this process."""

    def __init__(self, desk: RunDesk) -> None:
        self._desk = desk
        self._driven: dict[UUID, _Driven] = {}
        self._group: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Drive runs for as long as the block lasts, beginning with those an earlier process left unfinished."""
        async with asyncio.TaskGroup() as self._group:
            async with self._desk.sessions.begin() as session:
                unfinished = await run_queries.unfinished_runs(session)
            for run in unfinished:
                self.start(run)
            try:
                yield
            finally:
                for driven in self._driven.values():
                    if driven.task is not None:
                        driven.task.cancel()

    def start(self, run: Run) -> None:
        """Drive a run, unless it is driven or over."""
        if run.id in self._driven:
            return
        assert self._group is not None, "the driver is not working"
        driven = _Driven(frozenset(run.masklet_ids), Pace(num_masklets=len(run.masklet_ids)))
        self._driven[run.id] = driven
        driven.task = self._group.create_task(self._drive(run.id, driven))

    async def drop_ended(self) -> None:
        """Leave the runs that were stopped in the database, without waiting for their next mask."""
        if not self._driven:
            return
        async with self._desk.sessions.begin() as session:
            ended = await run_queries.ended_runs(session, list(self._driven))
        for run_id in ended:
            driven = self._driven.get(run_id)
            if driven is not None and driven.task is not None:
                driven.task.cancel()

    async def interrupt(self, masklet_ids: Collection[UUID]) -> None:
        """Break off the streams that carry these masklets; each goes on once their locks are free."""
        attempts = [
            driven.attempt
            for driven in self._driven.values()
            if driven.attempt is not None and not driven.masklet_ids.isdisjoint(masklet_ids)
        ]
        for attempt in attempts:
            attempt.cancel()
        if attempts:
            await asyncio.wait(attempts)

    @property
    def frames_per_second(self) -> FramesPerSecond:
        """By run, for the runs whose pace is known."""
        paces = {run_id: driven.pace.frames_per_second() for run_id, driven in self._driven.items()}
        return {run_id: pace for run_id, pace in paces.items() if pace is not None}

    async def _drive(self, run_id: UUID, driven: _Driven) -> None:
        """To the run's end, come what may: nothing that happens to one run may reach the others."""
        try:
            await self._try_until_over(run_id, driven)
        except Exception as error:
            _log.error("propagation.abandoned", run_id=str(run_id), exc_info=error)  # the next process takes it up
        finally:
            del self._driven[run_id]

    async def _try_until_over(self, run_id: UUID, driven: _Driven) -> None:
        claim: Claim | None = None
        failures, pause = 0, _FIRST_PAUSE_SECONDS
        while True:
            before = driven.pace.total
            try:
                claim = claim or await self._claim(run_id)
                if await self._attempt(claim, driven):
                    return
                continue
            except (RunOver, NotFound):
                return
            except ModelUnusable as error:
                if claim is not None:
                    await self._give_up(claim, error)
                return
            except ModelServerUnavailable as error:
                _log.info("propagation.waiting", run_id=str(run_id), reason=error.detail)
            except DBAPIError as error:
                _log.info("propagation.waiting", run_id=str(run_id), reason=type(error).__name__)
                claim = None  # the database may have lost what was not committed
            except Exception as error:
                _log.warning("propagation.failed", run_id=str(run_id), exc_info=error)
                failures = 1 if driven.pace.total > before else failures + 1
                if failures >= _MOST_FAILURES and claim is not None:
                    await self._give_up(claim, error)
                    return
            pause = _FIRST_PAUSE_SECONDS if driven.pace.total > before else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    async def _claim(self, run_id: UUID) -> Claim:
        async with self._desk.sessions.begin() as session:
            return await claim_run(session, run_id)

    async def _attempt(self, claim: Claim, driven: _Driven) -> bool:
        """True once the run is done; False when `interrupt` broke the attempt off."""
        attempt = driven.attempt = asyncio.create_task(advance(self._desk, claim, driven.pace))
        try:
            await asyncio.wait([attempt])
        finally:
            driven.attempt = None
            attempt.cancel()  # does nothing to one that has ended
            await asyncio.wait([attempt])
        if attempt.cancelled():
            return False
        attempt.result()
        return True

    async def _give_up(self, claim: Claim, error: Exception) -> None:
        if isinstance(error, MaskloomError):
            problem = error.body()
        else:
            detail = "The server failed at this propagation. Its log says how."
            problem = problem_body(500, "propagation-failed", "The propagation failed", detail)
        try:
            async with self._desk.sessions.begin() as session:
                await fail_run(session, claim, problem)
        except (RunOver, NotFound):
            return
