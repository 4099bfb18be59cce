"""Start, cancel and list searches for automatic masklets."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from backend.autolabel import queries
from backend.autolabel.problems import AutoLabelingNotFound, AutoLabelingRunning
from backend.autolabel.queries import AUTOLABEL_JOB
from backend.autolabel.schemas import AutoLabelingCreate, AutoLabelingRead
from backend.jobs.queue import JobQueue
from backend.jobs.schemas import JobRead
from backend.masklets.edit_rules import lock_video
from backend.masklets.headers import Author
from backend.page import Page
from backend.problems import IdempotencyKeyReused, Problem
from backend.projects.service import require_project
from backend.tables import AutoLabeling, Job
from backend.tables.states import JobState

_ACTIVE = (JobState.queued, JobState.running)


async def label_video(
    session: AsyncSession, video_id: UUID, body: AutoLabelingCreate, author: Author, *, queue: JobQueue
) -> AutoLabelingRead:
    """Queue a search of one video. Its id is the idempotency key.

    Raises:
        VideoNotFound, VideoNotReady: there is no such video, or it has not been ingested.
        AutoLabelingRunning: another search of the video has not ended.
        IdempotencyKeyReused: the key belongs to another search.
    """
    await lock_video(session, video_id, ready=True)
    if (known := await queries.auto_labeling(session, author.action_id)) is not None:
        if (known.video_id, known.options) != (video_id, body.model_dump(mode="json")):
            raise IdempotencyKeyReused("Use a new Idempotency-Key for another search.")
        return await read(session, known.id)
    latest = await queries.latest_of_video(session, video_id)
    if latest is not None and _is_active(latest[1]):
        raise AutoLabelingRunning("Wait for it, or cancel it first.")
    return await _begin(session, video_id, body, author, queue=queue)


async def label_project(
    session: AsyncSession, project_id: UUID, body: AutoLabelingCreate, author: Author, *, queue: JobQueue
) -> list[AutoLabelingRead]:
    """Queue searches of all ready videos that were not yet searched to the end.

    Returns the searches of this request, including those that an earlier attempt of it queued.

    Raises:
        ProjectNotFound: there is no such project.
    """
    await require_project(session, project_id)
    latest = {
        labeling.video_id: (labeling, job) for labeling, job in await queries.latest_of_project(session, project_id)
    }
    begun: list[AutoLabelingRead] = []
    for video_id in await queries.ready_videos(session, project_id):
        own = Author(uuid5(author.action_id, str(video_id)), author.actor_id)
        labeling, job = latest.get(video_id, (None, None))
        if labeling is not None and labeling.id == own.action_id:
            begun.append(_read(labeling, job))
        elif labeling is None or labeling.cancelled_at is not None or (job and job.state is JobState.failed):
            begun.append(await _begin(session, video_id, body, own, queue=queue))
    return begun


async def cancel(session: AsyncSession, auto_labeling_id: UUID) -> AutoLabelingRead:
    """Cancel a search. Masklets that were propagated to the end stay. A search that has ended is left as it is.

    One that waits for its turn ends at once: others may take hours until then.

    Raises:
        AutoLabelingNotFound: there is no such search.
    """
    labeling = await queries.lock_auto_labeling(session, auto_labeling_id)
    if labeling is None:
        raise AutoLabelingNotFound("There is no such search.")
    job = None if labeling.job_id is None else await queries.lock_job(session, labeling.job_id)
    if job is not None and _is_active(job):
        labeling.cancelled_at = labeling.cancelled_at or datetime.now(UTC)
        if job.state is JobState.queued:
            job.state, job.message, job.finished_at = JobState.done, "Cancelled before it began", datetime.now(UTC)
    return await read(session, auto_labeling_id)


async def read(session: AsyncSession, auto_labeling_id: UUID) -> AutoLabelingRead:
    """Read one search, as this transaction sees it.

    Raises:
        AutoLabelingNotFound: there is no such search.
    """
    await session.flush()
    found = await queries.with_job(session, auto_labeling_id)
    if found is None:
        raise AutoLabelingNotFound("There is no such search.")
    return _read(*found)


async def latest_of_video(session: AsyncSession, video_id: UUID) -> AutoLabelingRead | None:
    found = await queries.latest_of_video(session, video_id)
    return None if found is None else _read(*found)


async def latest_of_project(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[AutoLabelingRead]:
    """List a page of the latest searches of a project's videos.

    Raises:
        ProjectNotFound: there is no such project.
    """
    await require_project(session, project_id)
    return [_read(labeling, job) for labeling, job in await queries.latest_on_page(session, project_id, page)]


async def _begin(
    session: AsyncSession, video_id: UUID, body: AutoLabelingCreate, author: Author, *, queue: JobQueue
) -> AutoLabelingRead:
    labeling = AutoLabeling(
        id=author.action_id,
        video_id=video_id,
        options=body.model_dump(mode="json"),
        steps=[],
        created_by=author.actor_id,
    )
    job = Job(kind=AUTOLABEL_JOB, video_id=video_id, unit="percent", total=100)
    await queue.add(session, job, one_at_a_time=AUTOLABEL_JOB)  # the model runs one search at a time anyway
    labeling.job_id = job.id
    session.add(labeling)
    return await read(session, labeling.id)


def _is_active(job: Job | None) -> bool:
    return job is not None and job.state in _ACTIVE


def _read(labeling: AutoLabeling, job: Job | None) -> AutoLabelingRead:
    return AutoLabelingRead(
        id=labeling.id,
        video_id=labeling.video_id,
        options=AutoLabelingCreate.model_validate(labeling.options),
        job=JobRead.of(job) if job else None,
        cancelled=labeling.cancelled_at is not None,
        problem=Problem.model_validate(job.problem) if job and job.problem else None,
        num_masklets=sum(len(step["masklets"]) for step in labeling.steps),
        created_at=labeling.created_at,
    )
