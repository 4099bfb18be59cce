"""The import graph of both products, and the contracts of pyproject.toml as objects that can be asked."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import grimp
from importlinter.application import use_cases
from importlinter.configuration import configure
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract, registry

from tests.architecture.repository import ROOT
from tests.architecture.role_contract import RoleContract

ROOTS = ("backend", "model_server")
Import = tuple[str, str]
"""(importer, imported)."""


@dataclass(frozen=True)
class Planted:
    """An import that a contract must catch."""

    contract: Contract
    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported}"


@cache
def graph() -> grimp.ImportGraph:
    """Every module of ours and whom it imports. Do not change it: copy it."""
    return grimp.build_graph(*ROOTS, include_external_packages=True, cache_dir=None)


@cache
def contracts() -> tuple[Contract, ...]:
    """The contracts of pyproject.toml, in their order."""
    configure()
    options = use_cases.read_user_options(config_filename=str(ROOT / "pyproject.toml"))
    use_cases._register_contract_types(options)  # custom types, if there are any
    return tuple(
        registry.get_contract_class(contract["type"])(contract["name"], options.session_options, contract)
        for contract in options.contracts_options
    )


def holds(contract: Contract, *planted: Import, module: str | None = None) -> bool:
    """Whether a contract is kept, with these imports, and perhaps a module, added to those there are."""
    changed = deepcopy(graph())
    if module:
        changed.add_module(module)
    for importer, imported in planted:
        changed.add_import(importer=importer, imported=imported, line_number=1, line_contents="planted")
    return contract.check(changed, verbose=False).kept


def violations(contract: Contract) -> Iterator[Planted]:
    """One import for each wall of a contract that goes through it."""
    if isinstance(contract, ForbiddenContract):
        sources, forbidden = _modules(contract.source_modules), _modules(contract.forbidden_modules)
        pairs = {(source, forbidden[0]) for source in sources} | {(sources[0], target) for target in forbidden}
    elif isinstance(contract, LayersContract):
        pairs = set(_upward(contract))
    elif isinstance(contract, RoleContract):
        pairs = set(contract.upward_pairs(graph()))
    elif isinstance(contract, AcyclicSiblingsContract):
        pairs = {
            _back(package) for ancestor in _modules(contract.ancestors) for package in (ancestor, _inner(ancestor))
        }
    else:
        raise AssertionError(f"no violation is planted for contracts like {contract.name!r}")
    for importer, imported in sorted(pairs):
        yield Planted(contract, importer, imported)


def closed(contract: Contract) -> list[str]:
    """The packages each of whose modules a contract gives a floor."""
    exhaustive = isinstance(contract, LayersContract) and contract.exhaustive
    return [str(container) for container in contract.containers] if exhaustive else []  # type: ignore[attr-defined]


def _modules(expressions: Any) -> list[str]:
    """The modules that expressions name; those outside our packages by their own names."""
    known = graph().modules
    found: set[str] = set()
    for expression in map(str, expressions or ()):
        if "*" not in expression:
            found.add(expression)
        else:
            found |= {module for module in known if _matches(module, expression)}
    return sorted(found)


def _matches(module: str, expression: str) -> bool:
    parts, wanted = module.split("."), expression.split(".")
    if wanted[-1] == "**":
        return parts[: len(wanted) - 1] == wanted[:-1] and len(parts) >= len(wanted)
    return len(parts) == len(wanted) and all(want in (part, "*") for part, want in zip(parts, wanted, strict=True))


def _upward(contract: LayersContract) -> Iterator[Import]:
    """From each floor of each container to the next higher one that exists."""
    known = graph().modules
    for container in _modules(contract.containers) or [""]:
        prefix = f"{container}." if container else ""
        floors = [
            sorted(name for tail in layer.module_tails if (name := prefix + tail.name) in known)
            for layer in contract.layers  # type: ignore[attr-defined]
        ]
        for upper, lower in pairwise(floor for floor in floors if floor):
            yield from ((below, upper[0]) for below in lower)


def _back(ancestor: str) -> Import:
    """An import against one there is, between two children of a package."""
    for child in sorted(graph().find_children(ancestor)):
        for other in sorted(graph().find_children(ancestor)):
            if child != other and graph().chain_exists(importer=child, imported=other, as_packages=True):
                return other, child
    raise AssertionError(f"nothing in {ancestor} imports anything beside it")


def _inner(ancestor: str) -> str:
    """A package deep inside another whose modules import each other."""
    packages = {module.rpartition(".")[0] for module in graph().find_descendants(ancestor)}
    return max(packages, key=lambda package: (package.count("."), len(graph().find_children(package)), package))
