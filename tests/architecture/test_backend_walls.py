"""The backend's walls hold, and each is shown to catch what it is for."""

from itertools import pairwise
from pathlib import Path

import grimp
import pytest
from importlinter.domain.contract import InvalidContractOptions

from tests.architecture.repository import ROOT, sources
from tests.architecture.role_contract import RoleContract, role_of
from tests.architecture.sql_wall import imports_sqlalchemy, reads_of

ROLES = ["router", "service", "queries", "schemas"]
THE_DATABASE_ITSELF = {"db", "tables"}
"""One asks Postgres for locks and reads no table, the other says in SQL what an index covers."""


def is_router(path: Path) -> bool:
    """A module that declares routes, whatever it is called."""
    return role_of(path.stem, ROLES) == "router" or "APIRouter(" in (ROOT / path).read_text()


def test_every_select_stands_in_a_queries_module() -> None:
    found = {
        str(path): reads
        for path in sources(".py")
        if path.parts[0] == "backend"
        and path.parts[1] not in THE_DATABASE_ITSELF
        and role_of(path.stem, ROLES) != "queries"
        and (reads := reads_of((ROOT / path).read_text()))
    }
    assert found == {}


def test_no_router_knows_sqlalchemy() -> None:
    routers = [path for path in sources(".py") if path.parts[0] == "backend" and is_router(path)]
    assert len(routers) > 20
    assert [str(path) for path in routers if imports_sqlalchemy((ROOT / path).read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import func, select",
        "import sqlalchemy as sa",
        "from sqlalchemy.dialects.postgresql import distinct_on",
        "async def user(session, key):\n    return await session.get(User, key)",
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
