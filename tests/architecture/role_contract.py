"""An import contract of our own: imports follow the roles that modules' names tell.

`account_router` is a router, `run_queries` are queries. It is configured in pyproject.toml and names no package itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output

Chain = tuple[str, ...]


def role_of(module: str, roles: Sequence[str]) -> str | None:
    """The role that a dotted module's name ends in."""
    name = module.rpartition(".")[2]
    return next((role for role in roles if name == role or name.endswith(f"_{role}")), None)


class RoleContract(Contract):
    """Inside a package no module leads to one of a higher role, between packages none imports one; only `composers`
    import one of the highest.

    `container` is the parent of the packages. A package is checked with all that lies in it, so that folders inside it
    hide nothing. `roles` begin with the highest.
    """

    type_name = "roles"

    container: Any = fields.StringField()
    roles: Any = fields.ListField(subfield=fields.StringField())
    composers: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        found = [*self._uncomposed(graph), *self._across(graph)]
        for package, modules in sorted(self._packages(graph).items()):
            found += self._upward(graph, package, modules)
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["found"]:
            output.print_error(" -> ".join(chain), bold=False)

    def upward_pairs(self, graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
        """For each package one import that must break this contract: its lowest role imports its highest."""
        for _, modules in sorted(self._packages(graph).items()):
            ranks = {module: self.roles.index(role) for module in modules if (role := role_of(module, self.roles))}
            if len(set(ranks.values())) > 1:
                yield max(ranks, key=lambda each: (ranks[each], each)), min(ranks, key=lambda each: (ranks[each], each))

    def _packages(self, graph: grimp.ImportGraph) -> dict[str, list[str]]:
        packages: defaultdict[str, list[str]] = defaultdict(list)
        depth = self.container.count(".") + 2
        for module in graph.find_descendants(self.container):
            packages[".".join(module.split(".")[:depth])].append(module)
        return packages

    def _upward(self, graph: grimp.ImportGraph, package: str, modules: Sequence[str]) -> Iterator[Chain]:
        ranks = {module: self.roles.index(role) for module in modules if (role := role_of(module, self.roles))}
        for importer, rank in sorted(ranks.items()):
            for imported, other in sorted(ranks.items()):
                chain = graph.find_shortest_chain(importer=importer, imported=imported) if other < rank else None
                if chain and all(f"{step}.".startswith(f"{package}.") for step in chain):
                    yield tuple(chain)

    def _uncomposed(self, graph: grimp.ImportGraph) -> Iterator[Chain]:
        for module in sorted(graph.find_descendants(self.container)):
            if role_of(module, self.roles) == self.roles[0]:
                importers = graph.find_modules_that_directly_import(module)
                yield from ((importer, module) for importer in sorted(importers - set(self.composers)))

    def _across(self, graph: grimp.ImportGraph) -> Iterator[Chain]:
        for importer in sorted(graph.find_descendants(self.container)):
            own = role_of(importer, self.roles)
            for imported in sorted(graph.find_modules_directly_imported_by(importer)) if own else ():
                other = role_of(imported, self.roles) if imported.startswith(f"{self.container}.") else None
                if own and other and self.roles.index(other) < self.roles.index(own):
                    yield importer, imported
