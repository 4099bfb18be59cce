"""Drive runs: one asyncio task each, owned by this process and not by any request or browser.

A run waits while the model server is down. The backend that drives a run holds a claim to it and keeps renewing it. If
that backend is killed, another one takes the run over within seconds, or as soon as one starts, and continues from what
is stored.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from backend.annotation.propagation.attempt import Overtaken, advance
from backend.annotation.propagation.claims import Claim, RunOver, claim_run
from backend.annotation.propagation.pace import Pace
from backend.annotation.propagation.results import fail_run
from backend.annotation.record import run_queries
from backend.annotation.record.views import FramesPerSecond
from backend.annotation.tracking.resources import TrackingResources
from backend.background import end
from backend.db.engine import Sessions
from backend.model_client.problems import ModelServerUnavailable, ModelUnusable
from backend.problems import MaskloomError, NotFound, problem_body
from backend.tables import Run

_log = structlog.get_logger()
_MOST_FAILURES = 3  # in a row, without a single new mask between them
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0
_KEEP_SECONDS = 1.0  # between renewals of the claims, and between searches for runs without a driver


@dataclass(slots=True)
class _Driven:
    """A run that this process drives."""

    pace: Pace
    task: "asyncio.Task[None] | None" = None
    claim: Claim | None = None


class RunDriver:
    """Starts, follows and stops the runs of this process."""

    def __init__(self, resources: TrackingResources, reading: Sessions) -> None:
        self._resources = resources
        self._reading = reading
        self._driven: dict[UUID, _Driven] = {}
        self._group: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Drive runs while the block lasts, including those that another backend left unfinished."""
        async with asyncio.TaskGroup() as self._group:
            keeping = self._group.create_task(self._keep())
            try:
                yield
            finally:
                epochs = self._epochs()
                await end([keeping, *(driven.task for driven in self._driven.values() if driven.task is not None)])
                with suppress(DBAPIError):
                    async with self._resources.sessions.begin() as session:
                        await run_queries.release_claims(session, epochs)

    def start(self, run: Run) -> None:
        """Drive a run, unless this process already does."""
        if run.id in self._driven:
            return
        assert self._group is not None, "the driver is not working"
        driven = _Driven(Pace(num_masklets=max(len(run.carried_ids), 1)))
        self._driven[run.id] = driven
        driven.task = self._group.create_task(self._drive(run.id, driven))

    async def drop_ended(self) -> None:
        """Stop driving runs that have ended in the database, without waiting for their next mask."""
        if not self._driven:
            return
        async with self._resources.sessions.begin() as session:
            ended = await run_queries.ended_runs(session, list(self._driven))
        for run_id in ended:
            driven = self._driven.get(run_id)
            if driven is not None and driven.task is not None:
                driven.task.cancel()

    @property
    def frames_per_second(self) -> FramesPerSecond:
        """The pace of the runs that this process drives; a run whose pace is unknown is left out."""
        paces = {run_id: driven.pace.frames_per_second() for run_id, driven in self._driven.items()}
        return {run_id: pace for run_id, pace in paces.items() if pace is not None}

    async def _keep(self) -> None:
        """Renew the claims to the runs driven here, start those without a driver, and let go of those that are gone."""
        while True:
            with suppress(DBAPIError):
                await self.drop_ended()  # also where nobody asked for it: with its video or project
                if epochs := self._epochs():
                    async with self._resources.sessions.begin() as session:
                        await run_queries.renew_claims(session, epochs)
                async with self._reading() as session:
                    undriven = await run_queries.undriven_runs(session)
                for run in undriven:
                    self.start(run)
            await asyncio.sleep(_KEEP_SECONDS)

    def _epochs(self) -> dict[UUID, int]:
        return {run_id: driven.claim.epoch for run_id, driven in self._driven.items() if driven.claim is not None}

    async def _drive(self, run_id: UUID, driven: _Driven) -> None:
        """Drive a run to its end. An error in one run must not affect the others."""
        try:
            await self._try_until_over(run_id, driven)
        except Exception as error:
            _log.error("propagation.abandoned", run_id=str(run_id), exc_info=error)  # another process takes it over
        finally:
            del self._driven[run_id]

    async def _try_until_over(self, run_id: UUID, driven: _Driven) -> None:
        failures, pause, is_unsure = 0, _FIRST_PAUSE_SECONDS, False
        while True:
            before = driven.pace.total
            try:
                if driven.claim is None or is_unsure:
                    driven.claim = await self._claim(run_id, driven.claim)
                    is_unsure = False
                await advance(self._resources, driven.claim, driven.pace)
                return
            except (RunOver, NotFound):
                return
            except ModelUnusable as error:
                await self._give_up(driven.claim, error)
                return
            except Overtaken:
                _log.info("propagation.overtaken", run_id=str(run_id))
            except ModelServerUnavailable as error:
                _log.info("propagation.waiting", run_id=str(run_id), reason=error.detail)
            except DBAPIError as error:
                _log.info("propagation.waiting", run_id=str(run_id), reason=type(error).__name__)
                is_unsure = True  # whether the last commit, perhaps of the claim, reached the database
            except Exception as error:
                _log.warning("propagation.failed", run_id=str(run_id), exc_info=error)
                failures = 1 if driven.pace.total > before else failures + 1
                if failures >= _MOST_FAILURES:
                    await self._give_up(driven.claim, error)
                    return
            pause = _FIRST_PAUSE_SECONDS if driven.pace.total > before else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    async def _claim(self, run_id: UUID, held: Claim | None) -> Claim:
        async with self._resources.sessions.begin() as session:
            return await claim_run(session, run_id, held=held)

    async def _give_up(self, claim: Claim | None, error: Exception) -> None:
        if claim is None:
            return  # it was never claimed; the next to claim it will find the same
        if isinstance(error, MaskloomError):
            problem = error.body()
        else:
            detail = "The server failed at this propagation. Its log says how."
            problem = problem_body(500, "propagation-failed", "The propagation failed", detail)
        try:
            async with self._resources.sessions.begin() as session:
                await fail_run(session, claim, problem)
        except (RunOver, NotFound):
            return
