"""Start, read, cancel and decide on the tunings of a project."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.queue import JobQueue
from backend.masklets.headers import Author
from backend.model_client.fleet import Fleet
from backend.models import change
from backend.models.change import Change, set_model
from backend.models.schemas import ProjectModelRead
from backend.models.service import read_project_model, require_model
from backend.page import Page
from backend.problems import IdempotencyKeyReused, Problem
from backend.projects.service import require_project
from backend.tables import Job, Tuning, User
from backend.tables.states import JobState, ModelChangeKind, TuningDecision
from backend.tuning import queries
from backend.tuning.plan import make_plan, reference_to
from backend.tuning.problems import (
    CannotTrainHere,
    ModelNameTaken,
    TooFewVideos,
    TuningEnded,
    TuningNotDone,
    TuningNotFound,
    TuningRunning,
)
from backend.tuning.queries import TUNING_JOB
from backend.tuning.schemas import (
    ComparisonRead,
    PersonRead,
    TuningCreate,
    TuningPlan,
    TuningProgressRead,
    TuningRead,
    TuningState,
)

OBSTACLES = (CannotTrainHere, TooFewVideos, TuningRunning)


async def read_plan(session: AsyncSession, client: Fleet, project_id: UUID) -> TuningPlan:
    """Plan what a tuning of the project would use if it were started now.

    Raises:
        ProjectNotFound: there is no such project.
        UnknownModel: the catalogue does not have the project's model.
        ModelServerUnavailable: no model server answers.
    """
    return (await make_plan(session, client, await require_project(session, project_id)))[0]


async def start(
    session: AsyncSession, project_id: UUID, body: TuningCreate, author: Author, *, client: Fleet, queue: JobQueue
) -> TuningRead:
    """Queue a tuning. The idempotency key becomes its id.

    Raises:
        ProjectNotFound: there is no such project.
        UnknownModel: the catalogue does not have the project's model.
        ModelServerUnavailable: no model server answers.
        ModelNameTaken: another model has, or will have, this name.
        IdempotencyKeyReused: the key belongs to another tuning.
        CannotTrainHere, TooFewVideos, TuningRunning: the plan has this problem.
    """
    project = await require_project(session, project_id)
    await queries.lock_project(session, project_id)
    if (known := await queries.tuning(session, author.action_id)) is not None:
        if (known.project_id, known.name, known.num_steps) != (project_id, body.name, body.num_steps):
            raise IdempotencyKeyReused("Use a new Idempotency-Key for another tuning.")
        return await read(session, known.id)
    plan, base = await make_plan(session, client, project)
    if plan.problem is not None:
        raise next(kind for kind in OBSTACLES if plan.problem.type.endswith(f":{kind.slug}"))(plan.problem.detail)
    taken = {model.name for model in (await client.models()).models} | await queries.names_in_use(session)
    if body.name in taken:
        raise ModelNameTaken(f"There is a model {body.name} already; {plan.suggested_name} is free.")
    tuning = Tuning(
        id=author.action_id,
        project_id=project_id,
        name=body.name,
        base_model=base.name,
        base_version=base.version,
        base_reference=reference_to(base),
        num_steps=body.num_steps,
        training=[str(video.id) for video in plan.videos if not video.held_out],
        held_out=[str(video.id) for video in plan.videos if video.held_out],
        num_masklets=plan.num_masklets,
        created_by=author.actor_id,
    )
    session.add(tuning)
    await session.flush()
    # One at a time, because two would slow annotation down too much.
    await queue.add(session, Job(kind=TUNING_JOB, tuning_id=tuning.id, unit="steps"), one_at_a_time=TUNING_JOB)
    return await read(session, tuning.id)


async def read(session: AsyncSession, tuning_id: UUID) -> TuningRead:
    found = await queries.tuning_with_job(session, tuning_id)
    if found is None:
        raise TuningNotFound
    return _read(*found)


async def list_tunings(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[TuningRead]:
    """List a page of a project's tunings, newest first."""
    await require_project(session, project_id)
    return [_read(*found) for found in await queries.tunings_with_jobs(session, project_id, page)]


async def cancel(session: AsyncSession, tuning_id: UUID) -> TuningRead:
    """Cancel a tuning. Repeating the request is harmless.

    Raises:
        TuningNotFound: there is no such tuning.
        TuningEnded: it is done or has failed.
    """
    tuning = await queries.tuning(session, tuning_id, lock=True)
    if tuning is None:
        raise TuningNotFound
    state = (await read(session, tuning_id)).state
    if state in (TuningState.queued, TuningState.running):
        tuning.cancelled_at = func.now()
        await session.flush()
        await session.refresh(tuning)
    elif state is not TuningState.cancelled:
        raise TuningEnded("It has ended by itself.")
    return await read(session, tuning_id)


async def decide(
    session: AsyncSession, client: Fleet, tuning_id: UUID, decision: TuningDecision, *, actor_id: UUID
) -> TuningRead:
    """Use the new model in the project, or record that the old one is kept.

    Raises:
        TuningNotFound: there is no such tuning.
        TuningNotDone: it has no new model.
        UnknownModel: the catalogue no longer has the new model.
        ModelServerUnavailable: no model server answers.
    """
    tuning = await queries.tuning(session, tuning_id, lock=True)
    if tuning is None:
        raise TuningNotFound
    if tuning.version is None:
        raise TuningNotDone("Wait until it has ended, or start another.")
    if decision is TuningDecision.promoted:
        await require_model(client, tuning.name)
        await queries.lock_project(session, tuning.project_id)
        project = await require_project(session, tuning.project_id)
        set_model(session, project, Change(ModelChangeKind.promoted, tuning.name, actor_id, tuning.id))
    tuning.decision = decision
    tuning.decided_by = actor_id
    tuning.decided_at = func.now()
    await session.flush()
    return await read(session, tuning_id)


async def read_model(session: AsyncSession, project_id: UUID) -> ProjectModelRead:
    return await read_project_model(session, await require_project(session, project_id))


async def roll_back(session: AsyncSession, client: Fleet, project_id: UUID, *, actor_id: UUID) -> ProjectModelRead:
    """Return the project to its previous model.

    Raises:
        ProjectNotFound: there is no such project.
        NothingToRollBack: there is no change to roll back.
        UnknownModel: the catalogue no longer has the previous model.
        ModelServerUnavailable: no model server answers.
    """
    await queries.lock_project(session, project_id)
    project = await require_project(session, project_id)
    await change.roll_back(session, project, actor_id=actor_id)
    if project.model is not None:
        await require_model(client, project.model)
    await session.flush()
    return await read_project_model(session, project)


def _read(tuning: Tuning, job: Job, created_by: User) -> TuningRead:
    state = _state(tuning, job)
    running = state is TuningState.running
    return TuningRead(
        id=tuning.id,
        project_id=tuning.project_id,
        name=tuning.name,
        state=state,
        base_model=tuning.base_model,
        base_version=tuning.base_version,
        version=tuning.version,
        num_steps=tuning.num_steps,
        num_masklets=tuning.num_masklets,
        num_training=len(tuning.training),
        num_held_out=len(tuning.held_out),
        progress=TuningProgressRead.model_validate(tuning.progress) if running and tuning.progress else None,
        problem=Problem.model_validate(job.problem) if state is TuningState.failed and job.problem else None,
        comparison=None
        if tuning.comparison is None
        else [ComparisonRead.model_validate(measure) for measure in tuning.comparison],
        decision=tuning.decision,
        created_by=PersonRead(id=created_by.id, name=created_by.name),
        created_at=tuning.created_at,
        finished_at=job.finished_at,
    )


def _state(tuning: Tuning, job: Job) -> TuningState:
    if tuning.version is not None:
        return TuningState.done
    if tuning.cancelled_at is not None:
        return TuningState.cancelled
    return {
        JobState.queued: TuningState.queued,
        JobState.running: TuningState.running,
        JobState.done: TuningState.failed,
        JobState.failed: TuningState.failed,
    }[job.state]
