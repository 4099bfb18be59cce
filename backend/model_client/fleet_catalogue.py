"""Merge the catalogues of several model servers, and tell where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_server.contract.catalogue import CatalogueEntry, CatalogueRead, DecisionRead


@dataclass(frozen=True, slots=True)
class FleetCatalogue:
    """All models of all servers, default first. `limits` tells, by model name, where servers differ."""

    default: str | None
    models: tuple[CatalogueEntry, ...]
    limits: Mapping[str, str]
    decisions: tuple[DecisionRead, ...]
    can_roll_back: bool


def merged(catalogues: Mapping[str, CatalogueRead]) -> FleetCatalogue:
    """Merge catalogues, given by server name. The first server that can use a model describes it."""
    entries: dict[str, dict[str, CatalogueEntry]] = {}
    for server, catalogue in catalogues.items():
        for entry in catalogue.models:
            entries.setdefault(entry.name, {})[server] = entry
    first = next(iter(catalogues.values()))  # the servers share the folder with the decisions
    default = next((found.default for found in catalogues.values() if found.default is not None), None)
    best = [min(by_server.values(), key=lambda entry: entry.problem is not None) for by_server in entries.values()]
    return FleetCatalogue(
        default=default,
        models=tuple(sorted(best, key=lambda entry: entry.name != default)),
        decisions=first.decisions,
        can_roll_back=first.can_roll_back,
        limits={name: limit for name, by_server in entries.items() if (limit := _limit(by_server, len(catalogues)))},
    )


def _limit(by_server: Mapping[str, CatalogueEntry], num_servers: int) -> str | None:
    usable = [server for server, entry in by_server.items() if entry.problem is None]
    if len({by_server[server].digest for server in usable}) > 1:
        return "The model servers have different files under this name: remove it on all but one."
    if 0 < len(usable) < num_servers:
        return f"Only on {', '.join(usable)}: {len(usable)} of {num_servers} model servers."
    return None
