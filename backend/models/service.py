"""Read the catalogue, change the default model, and read a project's model."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.model_client.fleet import Fleet
from backend.model_client.fleet_catalogue import FleetCatalogue
from backend.models import queries
from backend.models.change import standing
from backend.models.problems import NothingToRollBack, UnknownModel
from backend.models.schemas import (
    DefaultDecisionRead,
    MissingModel,
    ModelInfoRead,
    ModelRead,
    ModelsRead,
    ProjectModelRead,
)
from backend.tables import Project
from model_server.contract.catalogue import PromoteRequest, RollBackRequest

BUILTIN = "builtin"


async def read_model(client: Fleet) -> ModelInfoRead:
    """Read the default model.

    Raises:
        ModelServerUnavailable: no model server is ready.
    """
    model = await client.model()
    shown = model.model_dump(include=set(ModelInfoRead.model_fields))
    return ModelInfoRead(**shown, builtin=model.name == BUILTIN)


async def read_models(session: AsyncSession, client: Fleet, actor: Person) -> ModelsRead:
    """Read the catalogue, with the reader's projects that chose each model.

    Raises:
        ModelServerUnavailable: no model server answers.
    """
    return await _read(session, await client.models(), actor)


async def promote_default(session: AsyncSession, client: Fleet, name: str, *, actor: Person) -> ModelsRead:
    """Make a model the default. Projects that chose none use it from their next prompt on.

    Raises:
        UnknownModel: the catalogue has no such model.
        ModelUnusable: it cannot be loaded.
        ModelServerUnavailable: no model server is ready.
    """
    await require_model(client, name)
    catalogue = await client.promote(PromoteRequest(model=name, by=actor.name))
    audit(session, "default-model.promoted", actor_id=actor.user_id, details={"model": name})
    return await _read(session, catalogue, actor)


async def roll_back_default(session: AsyncSession, client: Fleet, *, actor: Person) -> ModelsRead:
    """Return to the default model before the last promotion that was not rolled back.

    Raises:
        NothingToRollBack: there is no such promotion.
        ModelServerUnavailable: no model server is ready.
    """
    if not (await client.models()).can_roll_back:
        raise NothingToRollBack("The default model was never promoted, or every promotion was rolled back.")
    catalogue = await client.roll_back(RollBackRequest(by=actor.name))
    audit(session, "default-model.rolled-back", actor_id=actor.user_id, details={"model": catalogue.default})
    return await _read(session, catalogue, actor)


async def read_project_model(session: AsyncSession, project: Project) -> ProjectModelRead:
    last = standing(await queries.model_changes(session, project.id))
    return ProjectModelRead(
        model=project.model,
        roll_back_to=None if last is None else last.before,
        can_roll_back=last is not None,
        changes=list(await queries.model_change_reads(session, project.id)),
    )


async def _read(session: AsyncSession, catalogue: FleetCatalogue, actor: Person) -> ModelsRead:
    projects = await queries.projects_by_model(session, actor)
    on_default = projects.pop(None, [])
    models = [
        ModelRead(
            **model.model_dump(),
            is_default=model.name == catalogue.default,
            limit=catalogue.limits.get(model.name),
            projects=projects.pop(model.name, []),
        )
        for model in catalogue.models
    ]
    missing = [MissingModel(name=name, projects=users) for name, users in projects.items() if name is not None]
    return ModelsRead(
        default=catalogue.default,
        models=models,
        missing=missing,
        num_projects_on_default=len(on_default),
        decisions=[DefaultDecisionRead.model_validate(made.model_dump()) for made in catalogue.decisions],
        can_roll_back=catalogue.can_roll_back,
    )


async def require_model(client: Fleet, name: str) -> None:
    """Check that the catalogue has a model of this name.

    Raises:
        UnknownModel: it does not.
        ModelServerUnavailable: no model server answers.
    """
    names = [model.name for model in (await client.models()).models]
    if name not in names:
        raise UnknownModel(f"There is no model {name!r}. There are: {', '.join(names)}.")
