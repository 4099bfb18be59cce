"""Background work commits with its row, survives its worker, and ends in an answer."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks
from backend.jobs import queue
from backend.jobs.context import JobContext, JobKind, Workplace
from backend.jobs.queue import JobQueue
from backend.problems import MaskloomError
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from backend.tables import Job
from backend.tables.states import JobState

SECONDS = 30


class Impossible(MaskloomError):
    """It cannot be done."""

    status = 422
    title = "Impossible"
    slug = "impossible"


class Office:
    """A queue and the work it does, for one test."""

    def __init__(self, database_url: str, sessions: Sessions, data_dir: Path) -> None:
        self.sessions = sessions
        self.settings = Settings(database_url=database_url, data_dir=data_dir)
        self.runs: list[UUID] = []
        self.failures: list[str] = []
        self.started = asyncio.Event()
        self.queue = JobQueue(
            database_url,
            kinds={
                "good": JobKind(self._good),
                "refused": JobKind(self._refused, on_failure=self._on_failure),
                "out of room": JobKind(self._out_of_room, on_failure=self._on_failure),
                "surprised once": JobKind(self._surprised_once),
                "endless": JobKind(self._endless),
                "lasting": JobKind(self._endless, lasting=True),
            },
        )
        self.workplace = Workplace(
            self.settings,
            sessions,
            ObjectStore(self.settings.objects_dir),
            SharedLocks(sessions),
            self.queue.discard,
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with self.queue.working(self.workplace):
            yield
        await self.workplace.locks.close()

    async def add(self, kind: str, *, one_at_a_time: str | None = None) -> UUID:
        async with self.sessions.begin() as session:
            job = Job(kind=kind)
            await self.queue.add(session, job, one_at_a_time=one_at_a_time)
            return job.id

    async def settled(self, job_id: UUID) -> Job:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            async with self.sessions.begin() as session:
                job = await session.get_one(Job, job_id)
                if job.state in (JobState.done, JobState.failed):
                    return job
            await asyncio.sleep(0.05)
        raise AssertionError("the job did not end")

    async def _good(self, context: JobContext) -> None:
        self.runs.append(context.job_id)
        for done in range(1, 4):
            await context.report(done, 3)

    async def _refused(self, context: JobContext) -> None:
        raise Impossible("There is nothing to do it with.")

    async def _on_failure(self, _session: object, _job: object, problem: dict[str, object], _place: object) -> None:
        self.failures.append(str(problem["detail"]))

    async def _surprised_once(self, context: JobContext) -> None:
        self.runs.append(context.job_id)
        if len(self.runs) == 1:
            raise RuntimeError("nobody expected this")

    async def _out_of_room(self, context: JobContext) -> None:
        self.runs.append(context.job_id)
        if len(self.runs) <= 4:  # more often than a job that fails is tried
            raise OSError(errno.ENOSPC, "No space left on device")

    async def _endless(self, context: JobContext) -> None:
        self.runs.append(context.job_id)
        self.started.set()
        await asyncio.sleep(3600)


@pytest.fixture
async def office(database_url: str, sessions: Sessions, data_dir: Path) -> Office:
    return Office(database_url, sessions, data_dir)


async def test_a_job_runs_once_and_is_done(office: Office) -> None:
    async with office.open():
        job = await office.settled(await office.add("good"))
    assert (job.state, job.done, job.total) == (JobState.done, 3, 3)
    assert office.runs == [job.id]


async def test_a_job_of_a_rolled_back_transaction_never_existed(office: Office) -> None:
    async with office.open():
        async with office.sessions() as session:
            await office.queue.add(session, Job(kind="good"))
            await session.rollback()
        async with office.sessions.begin() as session:
            assert await session.scalar(select(func.count()).select_from(Job)) == 0
            assert await session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


async def test_a_problem_is_the_answer_and_its_cleanup_runs(office: Office) -> None:
    async with office.open():
        job = await office.settled(await office.add("refused"))
    assert job.state is JobState.failed
    assert job.problem is not None
    assert job.problem["detail"] == "There is nothing to do it with."
    assert office.failures == ["There is nothing to do it with."]


async def test_a_surprise_is_tried_again(office: Office) -> None:
    async with office.open():
        job = await office.settled(await office.add("surprised once"))
    assert job.state is JobState.done
    assert office.runs == [job.id, job.id]


async def test_a_full_disk_makes_a_job_wait_for_room_instead_of_failing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_OUTAGE_SECONDS", 0)
    async with office.open():
        job = await office.settled(await office.add("out of room"))
    assert (job.state, len(office.runs), office.failures) == (JobState.done, 5, [])


async def test_a_job_interrupted_by_an_orderly_stop_goes_on_at_the_next_start(office: Office) -> None:
    async with office.open():
        job_id = await office.add("endless")
        await office.started.wait()
    office.queue = JobQueue(office.settings.database_url, kinds={"endless": JobKind(office._good)})
    async with office.open():
        assert (await office.settled(job_id)).state is JobState.done
    assert office.runs == [job_id, job_id]


async def test_a_job_whose_worker_was_killed_is_put_back(office: Office) -> None:
    """A killed worker leaves its job marked as running, and a heartbeat that gets old."""
    async with office.open():
        pass  # so that there is a worker to have been killed
    job_id = await office.add("good")
    async with office.sessions.begin() as session:
        await session.execute(update(Job).values(state=JobState.running))
        await session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
        )
        await session.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing', "
                "worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
        )
    async with office.open():
        assert (await office.settled(job_id)).state is JobState.done
    assert office.runs == [job_id]


async def test_a_finished_job_is_not_run_again(office: Office) -> None:
    async with office.open():
        job = await office.settled(await office.add("good"))
        async with office.sessions.begin() as session:
            connection = await (await session.connection()).get_raw_connection()
            run = office.queue._run.configure(connection=connection.driver_connection)
            await run.defer_async(job_id=str(job.id))
        await asyncio.sleep(1)
    assert office.runs == [job.id]


async def test_what_takes_hours_takes_no_place_from_other_work(office: Office) -> None:
    async with office.open():
        lasting = [await office.add("lasting") for _ in range(3)]
        await office.started.wait()
        job = await office.settled(await office.add("good"))
    assert job.state is JobState.done
    assert set(office.runs).isdisjoint({lasting[-1]})  # two at once


@pytest.mark.parametrize("sqlstate", ["53100", "57P01"], ids=["disk full", "connection ended"])
async def test_a_job_whose_end_the_database_did_not_learn_is_put_back(office: Office, sqlstate: str) -> None:
    """Its worker lives and beats, and would keep it marked as running, with its lock, for as long as it lives."""
    failing = f"""
        CREATE TABLE endings (number int);
        CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT count(*) FROM endings) = 0 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '{sqlstate}'; END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER lose BEFORE DELETE ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION lose();
    """
    async with office.sessions.begin() as session:
        await session.execute(text(failing))
    async with office.open():
        job_id = await office.add("good", one_at_a_time="alone")
        assert (await office.settled(job_id)).state is JobState.done
        async with office.sessions.begin() as session:
            await session.execute(text("INSERT INTO endings VALUES (1)"))
        next_id = await office.add("good", one_at_a_time="alone")
        assert (await office.settled(next_id)).state is JobState.done
    assert office.runs == [job_id, next_id]  # the first had ended as far as its row goes, and is not run again
