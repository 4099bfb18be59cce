"""What is known of models, as messages."""

from model_server.contract.catalogue import CONTRACT_VERSION, CatalogueEntry, DecisionRead, ModelRead
from model_server.models.catalogue.entry import BUILTIN, Entry
from model_server.models.catalogue.promotions import Decision
from model_server.segmenter import ModelInfo


def model_read(info: ModelInfo, *, num_sessions: int, memory_bytes: int) -> ModelRead:
    """The loaded default model, and the load of the server."""
    return ModelRead(
        name=info.name,
        version=info.version,
        config_name=info.config_name,
        input_size=info.input_size,
        num_parameters=info.num_parameters,
        device=info.device,
        precision=info.precision,
        card=info.card,
        metrics=info.metrics,
        contract_version=CONTRACT_VERSION,
        sessions=num_sessions,
        memory_bytes=memory_bytes,
    )


def catalogue_entry(entry: Entry, loaded_versions: set[str], problem: str | None) -> CatalogueEntry:
    """A model of the catalogue."""
    return CatalogueEntry(
        name=entry.name,
        version=entry.version,
        digest=entry.digest,
        config_name=entry.preset,
        input_size=entry.input_size,
        num_parameters=entry.num_parameters,
        num_bytes=entry.num_bytes,
        origin=entry.origin,
        added_at=entry.added_at,
        parent=entry.parent,
        card=entry.card,
        metrics=entry.metrics,
        builtin=entry.name == BUILTIN,
        loaded=entry.version in loaded_versions,
        problem=problem,
    )


def decision_read(made: Decision) -> DecisionRead:
    """A change of the default model."""
    return DecisionRead(kind=made.kind, model=made.model, version=made.version, at=made.at, by=made.by)
