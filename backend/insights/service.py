"""Compute the figures that a viewer may see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import run_in_threadpool

from backend.insights import queries
from backend.insights.evidence import gather
from backend.insights.facts import Evidence
from backend.insights.figures.figure import Figure
from backend.insights.figures.registry import FIGURES
from backend.insights.filter import Filter
from backend.insights.problems import NotYourTime, UnknownFigure
from backend.insights.schemas import Coverage, IdleTotalRead, InsightsRead, PersonRef, StudyRef
from backend.projects.problems import ProjectNotFound
from backend.tables import Study
from backend.timing.derivation import open_seconds
from backend.timing.viewer import Viewer


async def read_insights(session: AsyncSession, which: Filter, viewer: Viewer) -> InsightsRead:
    """Compute all figures of the insights page that the viewer may see.

    Raises:
        ProjectNotFound: there is no such project.
        NotYourTime: the filter asks for another person, and the viewer is not a manager.
    """
    evidence = await _evidence(session, which, viewer)
    studies = await queries.studies(session, which.project_id) if viewer.sees_everyone else list[Study]()
    refs = [StudyRef(study_id=study.id, name=study.name) for study in studies]
    return await run_in_threadpool(_insights, evidence, viewer, refs)


async def figure_rows(session: AsyncSession, which: Filter, viewer: Viewer, *, name: str) -> Sequence[BaseModel]:
    """Compute the rows of one figure that the viewer may see.

    Raises:
        ProjectNotFound: there is no such project.
        NotYourTime: the filter asks for another person, and the viewer is not a manager.
        UnknownFigure: there is no figure of this name.
    """
    figure = FIGURES.get(name)
    if figure is None:
        raise UnknownFigure(f"Figures are {', '.join(FIGURES)}.")
    evidence = await _evidence(session, which, viewer)
    return await run_in_threadpool(_visible_rows, figure, evidence, viewer)


async def _evidence(session: AsyncSession, which: Filter, viewer: Viewer) -> Evidence:
    if which.person not in (None, viewer.user_id) and not viewer.sees_everyone:
        raise NotYourTime("Ask a manager of the project.")
    if not await queries.project_exists(session, which.project_id):
        raise ProjectNotFound
    which = replace(which, person=viewer.only or which.person)
    gathered = await gather(session, which)
    return await run_in_threadpool(gathered.evidence)


def _insights(evidence: Evidence, viewer: Viewer, studies: list[StudyRef]) -> InsightsRead:
    rows = {name: _visible_rows(figure, evidence, viewer) for name, figure in FIGURES.items()}
    people = sorted(evidence.names.items(), key=lambda item: item[1].casefold())
    about: dict[str, Any] = {
        "computed_at": datetime.now(UTC),
        "idle_seconds": evidence.which.idle_seconds,
        "me": viewer.user_id,
        "sees_everyone": viewer.sees_everyone,
        "people": [
            PersonRef(user_id=user_id, name=name)
            for user_id, name in people
            if viewer.sees_everyone or user_id == viewer.user_id
        ],
        "studies": studies,
        "coverage": _coverage(evidence),
    }
    return InsightsRead.model_validate(about | rows)


def _visible_rows(figure: Figure, evidence: Evidence, viewer: Viewer) -> list[BaseModel]:
    rows = list(figure.rows(evidence))
    if viewer.sees_everyone or not figure.personal:
        return rows
    return [row for row in rows if getattr(row, "user_id", None) == viewer.user_id]


def _coverage(evidence: Evidence) -> Coverage:
    derived, time = evidence.derived, evidence.time
    present = {found.masklet_id for found in evidence.masklets}
    gone = (split for masklet_id, split in time.masklets.items() if masklet_id not in present)
    return Coverage(
        open_seconds=round(open_seconds(derived.sittings), 3),
        focused_seconds=round(sum(span.end - span.start for span in derived.spans), 3),
        annotation_seconds=round(time.annotation_seconds, 3),
        verifying_seconds=round(time.verifying_seconds, 3),
        unselected_seconds=round(time.unselected.own_seconds - time.shared_out, 3),
        abandoned_seconds=round(sum(split.annotation_seconds for split in gone), 3),
        num_gaps=len(derived.gaps),
        gap_seconds=round(sum(gap.end - gap.start for gap in derived.gaps), 3),
        at_idle=[
            IdleTotalRead(idle_seconds=limit, annotation_seconds=round(seconds, 3))
            for limit, seconds in evidence.at_idle.items()
        ],
    )
