from backend.model_client.client import ModelClient
from backend.models.schemas import ModelInfoRead
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
