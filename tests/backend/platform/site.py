"""What the addresses of a running site can name."""

from backend.db.engine import make_engine, make_sessions
from backend.storage.objects import ObjectStore
from tests.backend.auth.minting import mint
from tests.backend.backend_process import BackendProcess


async def minted_ids(site: BackendProcess) -> dict[str, str]:
    """One new thing of every kind, by the name its id has in paths."""
    engine = make_engine(site.settings.database_url)
    minted = await mint(make_sessions(engine), ObjectStore(site.settings.objects_dir))
    await engine.dispose()
    return {name: str(value) for name, value in minted.ids().items()}
