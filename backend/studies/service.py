"""Plan, start and close studies."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.work import finish
from backend.page import Page
from backend.problems import IdempotencyKeyReused
from backend.projects.service import require_project
from backend.studies import queries
from backend.studies.copies import give_copies
from backend.studies.design import counterbalanced
from backend.studies.problems import StudyNotFound, StudyNotReady, StudyUnfit
from backend.studies.schemas import StudyChoices, StudyCreate, StudyDetails, StudyRead
from backend.tables import Study, StudyArm
from backend.tables.states import Phase, StudyState, TaskOutcome

_MOST_ARMS = 2000  # each is a copy that is made while nobody else can change its video


async def create_study(
    session: AsyncSession, project_id: UUID, body: StudyCreate, *, study_id: UUID, actor_id: UUID
) -> StudyDetails:
    """Plan a study: who does which object, in which phase and in which order. Repeating the request is harmless.

    Participants see nothing of it until it starts.

    Raises:
        ProjectNotFound: there is no such project.
        StudyUnfit: an object or a person cannot be part of it.
        IdempotencyKeyReused: the id belongs to another study, perhaps of another project.
    """
    await require_project(session, project_id)
    if len(body.selected_ids) * len(body.user_ids) > _MOST_ARMS:
        raise StudyUnfit(f"At most {_MOST_ARMS:,} objects are given out, counting each for every person.")
    planned = _arms(study_id, body)
    if (known := await queries.study(session, study_id)) is not None:
        stored = {_place(arm) for arm in await queries.arms(session, study_id)}  # an object may have gone since
        if (known.project_id, known.name) != (project_id, body.name) or not stored.issubset(map(_place, planned)):
            raise IdempotencyKeyReused("Use a new Idempotency-Key for another study.")
        return await read_study(session, study_id)
    choices = await read_choices(session, project_id)
    if not {choice.masklet_id for choice in choices.objects}.issuperset(body.selected_ids):
        raise StudyUnfit("An object needs a mask that a person made, in a video of this project.")
    if not {choice.user_id for choice in choices.people}.issuperset(body.user_ids):
        raise StudyUnfit("Somebody of them is not here.")
    session.add(Study(id=study_id, project_id=project_id, name=body.name, created_by=actor_id))
    await session.flush()
    session.add_all(planned)
    await session.flush()
    return await read_study(session, study_id)


async def start_study(session: AsyncSession, study_id: UUID, *, actor_id: UUID) -> StudyDetails:
    """Start a study: everybody gets their own copies and tasks. Starting a running study is harmless.

    Raises:
        StudyNotFound: there is no such study.
        StudyNotReady: it has ended, or an object has lost its mask since it was selected.
    """
    study = await _locked(session, study_id)
    if study.state is StudyState.done:
        raise StudyNotReady("It is over.")
    if study.state is StudyState.draft:
        study.state, study.started_at = StudyState.running, datetime.now(UTC)
        await give_copies(session, list(await queries.arms(session, study_id)), actor_id=actor_id)
        await session.flush()
    return await read_study(session, study_id)


async def close_study(session: AsyncSession, study_id: UUID) -> StudyDetails:
    """Close a study: unfinished work stays as it is, and its tasks leave the queue. Closing twice is harmless.

    One that was only planned is given up by this, for it may be that it can never start.

    Raises:
        StudyNotFound: there is no such study.
    """
    study = await _locked(session, study_id)
    if study.state is not StudyState.done:
        study.state, study.finished_at = StudyState.done, datetime.now(UTC)
        for task in await queries.open_tasks(session, study_id):
            finish(task, TaskOutcome.dropped)
        await session.flush()
    return await read_study(session, study_id)


async def read_study(session: AsyncSession, study_id: UUID) -> StudyDetails:
    """Read a study with its arms.

    Raises:
        StudyNotFound: there is no such study.
    """
    read = await queries.study_read(session, study_id)
    if read is None:
        raise StudyNotFound("There is no such study.")
    return StudyDetails(**read.model_dump(), arms=list(await queries.arm_reads(session, study_id)))


async def list_studies(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[StudyRead]:
    """List a page of a project's studies, newest first.

    Raises:
        ProjectNotFound: there is no such project.
    """
    await require_project(session, project_id)
    return await queries.study_reads(session, project_id, page)


async def read_choices(session: AsyncSession, project_id: UUID) -> StudyChoices:
    """List the objects and people that a study of the project can include.

    Raises:
        ProjectNotFound: there is no such project.
    """
    await require_project(session, project_id)
    objects = list(await queries.selectable(session, project_id))
    return StudyChoices(objects=objects, people=list(await queries.people(session, project_id)))


def _arms(study_id: UUID, body: StudyCreate) -> list[StudyArm]:
    """Who does which object, in which phase and in which order. What is named twice counts once."""
    selected, people = list(dict.fromkeys(body.selected_ids)), list(dict.fromkeys(body.user_ids))
    return [
        StudyArm(
            study_id=study_id,
            selected_id=work.object,
            user_id=people[work.person],
            phase=work.phase,
            position=work.position,
        )
        for work in counterbalanced(len(people), selected, list(dict.fromkeys(body.phases)))
    ]


def _place(arm: StudyArm) -> tuple[UUID, UUID, Phase, int]:
    return arm.user_id, arm.selected_id, arm.phase, arm.position


async def _locked(session: AsyncSession, study_id: UUID) -> Study:
    study = await queries.study(session, study_id, lock=True)
    if study is None:
        raise StudyNotFound("There is no such study.")
    return study
