"""The import contracts hold, every one of them catches what it is there for, and no package stands outside them."""

import tomllib

import pytest
from importlinter.domain.contract import Contract

from tests.architecture.graph import ROOTS, Planted, closed, contracts, holds, violations
from tests.architecture.repository import ROOT
from tests.architecture.source import product

PLANTED = [violation for contract in contracts() for violation in violations(contract)]


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_a_contract_holds(contract) -> None:
    assert holds(contract)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.contract.name}: {planted}")
def test_a_planted_violation_is_caught(planted: Planted) -> None:
    assert not holds(planted.contract, (planted.importer, planted.imported))


def test_every_package_has_a_floor() -> None:
    assert set(ROOTS) <= {container for contract in contracts() for container in closed(contract)}


@pytest.mark.parametrize(
    ("contract", "container"),
    [pytest.param(contract, container, id=container) for contract in contracts() for container in closed(contract)],
)
def test_a_planted_module_without_a_floor_is_caught(contract: Contract, container: str) -> None:
    assert not holds(contract, module=f"{container}.planted")


def test_no_import_is_hidden_from_the_contracts() -> None:
    """They read import statements: in functions and under TYPE_CHECKING, too, but not calls that import by name."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert "exclude_type_checking_imports" not in options
    by_name = {"import_module", "__import__", "run_module"}
    assert [str(each.path) for each in product() if by_name & {name for _, name in each.names()}] == []
