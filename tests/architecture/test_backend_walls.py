"""The backend's walls hold, and each is shown to catch what it is for."""

from itertools import pairwise
from pathlib import Path

import grimp
import pytest
from importlinter.domain.contract import InvalidContractOptions

from tests.architecture.repository import ROOT, sources
from tests.architecture.role_contract import RoleContract, role_of
from tests.architecture.sql_wall import fetches_of, imports_sqlalchemy, reads_of

ROLES = ["router", "service", "queries", "schemas"]
NO_TABLES = {
    "backend/collision.py": "tells errors of the database apart",
    "backend/db/embedded.py": "creates the cluster and asks whether it answers",
    "backend/db/migrate.py": "asks Alembic's table how far it is",
    "backend/db/shared_locks.py": "asks Postgres for locks",
    "backend/events/postgres.py": "has Postgres pass rings on",
    "backend/explanation.py": "tells errors of the database apart, for the terminal",
    "backend/outage.py": "tells errors of the database apart",
    "backend/page.py": "sorts and cuts queries that others wrote",
}
"""Modules that speak SQL and read no table of ours."""


def is_router(path: Path) -> bool:
    """A module that declares routes, whatever it is called."""
    return role_of(path.stem, ROLES) == "router" or "APIRouter" in (ROOT / path).read_text()


def reads(path: Path) -> list[str]:
    """What a module reads; those that map tables may say in SQL what an index covers."""
    text = (ROOT / path).read_text()
    return fetches_of(text) if path.parts[1] == "tables" else reads_of(text)


def test_every_select_stands_in_a_queries_module() -> None:
    found = {
        str(path): reads(path)
        for path in sources(".py")
        if path.parts[0] == "backend" and role_of(path.stem, ROLES) != "queries" and reads(path)
    }
    assert found.keys() == NO_TABLES.keys(), found


def test_no_router_knows_sqlalchemy() -> None:
    routers = [path for path in sources(".py") if path.parts[0] == "backend" and is_router(path)]
    assert len(routers) > 20
    assert [str(path) for path in routers if imports_sqlalchemy((ROOT / path).read_text())] == []


def test_a_module_that_declares_routes_is_called_a_router() -> None:
    """Else the contract of roles does not see it. Two make theirs when the application is composed."""
    declaring = [path for path in sources(".py") if path.parts[0] == "backend" and is_router(path)]
    others = {str(path) for path in declaring if role_of(path.stem, ROLES) != "router"}
    assert others == {"backend/openapi.py", "backend/web/front_end.py"}


def test_every_router_is_part_of_the_application() -> None:
    text = (ROOT / "backend/app.py").read_text()
    routers = [path for path in sources(".py") if path.parts[0] == "backend" and role_of(path.stem, ROLES) == "router"]
    modules = [".".join(path.with_suffix("").parts) for path in routers]
    assert [module for module in modules if f"from {module} import router as " not in text] == []


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import func, select",
        "import sqlalchemy as sa",
        "from sqlalchemy import sql\nsql.select(1)",
        "from sqlalchemy.dialects.postgresql import distinct_on",
        "from sqlalchemy.orm import Query",
        "import psycopg",
        "async def user(session, key):\n    return await session.get(User, key)",
        "async def user(self, key):\n    return await self._session.get(User, key)",
        "async def names(connection, table):\n    return await connection.exec_driver_sql(f'SELECT name FROM {table}')",
        "async def count(session):\n    return await session.scalar(func.count(User.id))",
        "def everybody():\n    return User.__table__.select()",
    ],
)
def test_a_planted_read_is_caught(source: str) -> None:
    assert reads_of(source) != []


def test_a_write_is_no_read() -> None:
    assert (
        reads_of("from sqlalchemy import delete, func, update\nfrom sqlalchemy.dialects.postgresql import insert") == []
    )


@pytest.mark.parametrize(
    ("chain", "kept"),
    [
        (["backend.tasks.claim_router", "backend.tasks.service", "backend.tasks.queries"], True),
        (["backend.tasks.queries", "backend.tasks.service"], False),
        (["backend.tasks.run_queries", "backend.tasks.clock", "backend.tasks.service"], False),
        (["backend.tasks.schemas", "backend.tasks.leases.queries"], False),
        (["backend.review.service", "backend.tasks.router"], False),
        (["backend.review.queries", "backend.tasks.service"], False),
        (["backend.app", "backend.tasks.router"], True),
    ],
)
def test_imports_follow_the_roles(chain: list[str], kept: bool) -> None:
    graph = grimp.ImportGraph()
    for module in ["backend", "backend.tasks", "backend.tasks.leases", "backend.review", *chain]:
        graph.add_module(module)
    for importer, imported in pairwise(chain):
        graph.add_import(importer=importer, imported=imported)
    options = {"container": "backend", "roles": ROLES, "composers": ["backend.app"]}
    assert RoleContract("roles", {}, options).check(graph, verbose=False).kept is kept


def test_a_role_contract_needs_to_be_told_its_roles() -> None:
    with pytest.raises(InvalidContractOptions):
        RoleContract("roles", {}, {"container": "backend"})
