"""Plan a tuning: what it would use, and whether it can be started."""

import re
from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.model_client.fleet import Fleet
from backend.model_client.fleet_catalogue import FleetCatalogue
from backend.models.problems import UnknownModel
from backend.problems import MaskloomError, Problem
from backend.tables import Project
from backend.tuning import queries
from backend.tuning.problems import CannotTrainHere, TooFewVideos, TuningRunning
from backend.tuning.schemas import TuningPlan, TuningVideo
from backend.tuning.split import VerifiedVideo, held_out
from backend.tuning.training_process import can_train
from model_server.contract.catalogue import CatalogueEntry

NUM_STEPS = 200
_SECONDS_PER_STEP = 1.5
"""Total time per step with the built-in model on one of two busy threads, used until a tuning has been measured."""
_BUILTIN_PARAMETERS, _BUILTIN_SIZE = 3_300_000, 256
_LONGEST_STEM = 56


async def make_plan(session: AsyncSession, client: Fleet, project: Project) -> tuple[TuningPlan, CatalogueEntry]:
    """Make a plan. Returns it with the catalogue's entry of the model that it starts from.

    Raises:
        UnknownModel: the catalogue does not have the project's model.
        ModelServerUnavailable: no model server answers.
    """
    catalogue = await client.models()
    base = base_of(catalogue, project)
    videos = await queries.verified_videos(session, project.id)
    kept = held_out(videos, await queries.ever_held_out(session, project.id))
    obstacle = await _obstacle(session, project.id, videos, kept)
    pace = await queries.latest_pace(session, base.name)
    taken = {model.name for model in catalogue.models} | await queries.names_in_use(session)
    return TuningPlan(
        videos=[
            TuningVideo(id=video.id, name=video.name, num_masklets=video.num_masklets, held_out=video.id in kept)
            for video in videos
        ],
        num_masklets=sum(video.num_masklets for video in videos),
        num_training=len(videos) - len(kept),
        num_held_out=len(kept),
        base_model=base.name,
        base_version=base.version,
        suggested_name=suggested_name(project.name, taken),
        num_steps=NUM_STEPS,
        estimated_seconds_per_step=pace or _guess(base),
        problem=None if obstacle is None else Problem.model_validate(obstacle.body()),
    ), base


def base_of(catalogue: FleetCatalogue, project: Project) -> CatalogueEntry:
    """The model that the project uses now.

    Raises:
        UnknownModel: the catalogue does not have it.
    """
    name = project.model or catalogue.default
    for model in catalogue.models:
        if model.name == name:
            return model
    raise UnknownModel(f"The project's model {name or ''} is not there. Choose another in its settings.")


def reference_to(base: CatalogueEntry) -> str:
    """The model's name or, if it is not in the catalogue but the settings give its path, that path."""
    return base.origin if base.added_at is None and not base.builtin else base.name


def suggested_name(project: str, taken: Collection[str]) -> str:
    """A name for the new model: the project's, with the first free number."""
    stem = slug(project)
    return next(name for number in range(1, len(taken) + 2) if (name := f"{stem}-{number}") not in taken)


def slug(project: str) -> str:
    """A project's name in a form that model and folder names can contain."""
    return re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-")[:_LONGEST_STEM].strip("-") or "tuned"


async def _obstacle(
    session: AsyncSession, project_id: UUID, videos: Collection[VerifiedVideo], kept: Collection[UUID]
) -> MaskloomError | None:
    if not can_train():
        return CannotTrainHere("Install Maskloom with its model packages where the backend runs.")
    if await queries.has_active(session, project_id):
        return TuningRunning("Wait for it, or cancel it.")
    if not kept:
        have = ("no video has one", "only one video has one")[len(videos)] if len(videos) < 2 else "all are one file"
        return TooFewVideos(
            "A new model is judged on a video it was not trained on. It takes satisfactory masklets in two different "
            f"videos: {have}."
        )
    return None


def _guess(base: CatalogueEntry) -> float | None:
    """Seconds per step, in proportion to parameters and pixels; None for networks much larger than the built-in one."""
    ratio = base.num_parameters / _BUILTIN_PARAMETERS * (base.input_size / _BUILTIN_SIZE) ** 2
    return round(_SECONDS_PER_STEP * ratio, 2) if ratio < 2 else None
