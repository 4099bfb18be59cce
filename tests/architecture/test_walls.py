"""The import contracts hold, every one of them catches what it is there for, and no package stands outside them."""

import pytest

from tests.architecture.graph import ROOTS, Planted, contracts, graph, holds, packages_of, violations

PLANTED = [violation for contract in contracts() for violation in violations(contract)]


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_a_contract_holds(contract) -> None:
    assert holds(contract)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.contract.name}: {planted}")
def test_a_planted_violation_is_caught(planted: Planted) -> None:
    assert not holds(planted.contract, (planted.importer, planted.imported))


@pytest.mark.parametrize("root", ROOTS)
def test_every_package_stands_in_a_contract(root: str) -> None:
    """Being named by a contract of the whole product, such as "the backend imports no torch", does not count."""
    packages = {name for name in graph().find_children(root) if graph().find_children(name)}
    assert packages
    assert sorted(packages - set().union(*map(packages_of, contracts()))) == []
