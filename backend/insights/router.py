"""Routes of the insights page, and of its figures as CSV."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from backend.auth.access import access
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.insights import service
from backend.insights.csv_text import table
from backend.insights.figures.registry import FIGURES
from backend.insights.filter import Filter
from backend.insights.problems import NotYourTime, UnknownFigure
from backend.insights.schemas import InsightsQuery, InsightsRead
from backend.problems import problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.timing.viewer import ProjectViewer

router = APIRouter(prefix="/api/projects/{project_id}/insights", tags=["insights"])


async def _filter(project_id: UUID, asked: Annotated[InsightsQuery, Query()]) -> Filter:
    return Filter(project_id, **asked.model_dump())


Which = Annotated[Filter, Depends(_filter)]
FigureName = Annotated[str, Path(max_length=40)]


@router.get("", responses=problems(ProjectNotFound, NotYourTime), dependencies=[access(Permission.view, PROJECT)])
async def read_insights(which: Which, viewer: ProjectViewer, session: Session) -> InsightsRead:
    """What annotation costs and yields, computed from the present log."""
    return await service.read_insights(session, which, viewer)


@router.get(
    "/{figure}.csv",
    response_class=Response,
    responses=problems(ProjectNotFound, NotYourTime, UnknownFigure) | {200: {"content": {"text/csv": {}}}},
    dependencies=[access(Permission.view, PROJECT)],
)
async def figure_csv(figure: FigureName, which: Which, viewer: ProjectViewer, session: Session) -> Response:
    """The rows of one figure: `phase_table`, `waiting_time` or `people_weeks`."""
    rows = await service.figure_rows(session, which, viewer, name=figure)
    headers = {"Content-Disposition": f'attachment; filename="{figure}.csv"'}
    return Response(table(FIGURES[figure].row, rows), media_type="text/csv; charset=utf-8", headers=headers)
