"""How the id in a route's path leads to a project, and what is said when it leads nowhere.

A new kind of object is one line in `KINDS`: routes name it in `access(Action.view, "export")`, and carry its id as
`{export_id}` in their path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.problems import RunNotFound
from backend.auth.authorization import InProject
from backend.autolabel.refusals import AutoLabelingNotFound
from backend.datasets.refusals import ExportNotFound
from backend.masklets.refusals import MaskletNotFound
from backend.problems import NotFound
from backend.projects.refusals import ProjectNotFound
from backend.studies.refusals import StudyNotFound
from backend.tables import AutoLabeling, Export, Masklet, Membership, Project, Run, Study, Task, Tuning, Video
from backend.tasks.refusals import TaskNotFound
from backend.tuning.refusals import TuningNotFound
from backend.videos.refusals import VideoNotFound


@dataclass(frozen=True, slots=True)
class Kind:
    """`project_of` selects the project's id of the object with an id."""

    project_of: Callable[[UUID], Select[Any]]
    not_found: type[NotFound]


def _through_video(table: Any) -> Callable[[UUID], Select[Any]]:
    def project_of(object_id: UUID) -> Select[Any]:
        return select(Video.project_id).join(table, table.video_id == Video.id).where(table.id == object_id)

    return project_of


KINDS: dict[str, Kind] = {
    "project": Kind(lambda project_id: select(Project.id).where(Project.id == project_id), ProjectNotFound),
    "video": Kind(lambda video_id: select(Video.project_id).where(Video.id == video_id), VideoNotFound),
    "masklet": Kind(_through_video(Masklet), MaskletNotFound),
    "run": Kind(_through_video(Run), RunNotFound),
    "task": Kind(_through_video(Task), TaskNotFound),
    "auto_labeling": Kind(_through_video(AutoLabeling), AutoLabelingNotFound),
    "study": Kind(lambda study_id: select(Study.project_id).where(Study.id == study_id), StudyNotFound),
    "export": Kind(lambda export_id: select(Export.project_id).where(Export.id == export_id), ExportNotFound),
    "tuning": Kind(lambda tuning_id: select(Tuning.project_id).where(Tuning.id == tuning_id), TuningNotFound),
}


async def locate(session: AsyncSession, kind: str, object_id: UUID, *, user_id: UUID) -> InProject | None:
    """The object's project and the person's role there, in one query; None if there is no such object."""
    projects = KINDS[kind].project_of(object_id).subquery()
    project_id = projects.c[0]
    mine = and_(Membership.project_id == project_id, Membership.user_id == user_id)
    row = (await session.execute(select(project_id, Membership.role).outerjoin(Membership, mine))).one_or_none()
    return None if row is None else InProject(row[0], row[1])
