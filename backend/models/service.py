from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.person import Person
from backend.model_client.client import ModelClient
from backend.models import queries
from backend.models.refusals import UnknownModel
from backend.models.schemas import MissingModel, ModelInfoRead, ModelRead, ModelsRead
from backend.settings import Settings

BUILTIN = "builtin"


async def read_model(client: ModelClient, settings: Settings) -> ModelInfoRead:
    """
    Raises:
        ModelServerUnavailable
    """
    model = await client.model()
    shown = model.model_dump(include=set(ModelInfoRead.model_fields))
    return ModelInfoRead(**shown, builtin=settings.model == BUILTIN)


async def read_models(session: AsyncSession, client: ModelClient, actor: Person) -> ModelsRead:
    """
    Raises:
        ModelServerUnavailable
    """
    catalogue = await client.models()
    projects = await queries.projects_by_model(session, actor)
    on_default = projects.pop(None, [])
    models = [
        ModelRead(
            **model.model_dump(), is_default=model.name == catalogue.default, projects=projects.pop(model.name, [])
        )
        for model in catalogue.models
    ]
    missing = [MissingModel(name=name, projects=users) for name, users in projects.items() if name is not None]
    return ModelsRead(
        default=catalogue.default, models=models, missing=missing, num_projects_on_default=len(on_default)
    )


async def require_model(client: ModelClient, name: str) -> None:
    """
    Raises:
        UnknownModel, ModelServerUnavailable
    """
    names = [model.name for model in (await client.models()).models]
    if name not in names:
        raise UnknownModel(f"There is no model {name!r}. There are: {', '.join(names)}.")
