"""The models a server can offer: the default one, the built-in one, and those in the catalogue's folder."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from model_server.models import registry
from model_server.models.catalogue.addition import digest_of
from model_server.models.catalogue.entry import BUILTIN, Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.catalogue.promotions import Promotions
from model_server.segmenter import ModelInfo

_BYTES_PER_PARAMETER = 4


class Shelf:
    """Reads the disk every time, since models come and go while the server runs. It blocks: call it in a thread."""

    def __init__(self, catalogue: Catalogue, default: str) -> None:
        """`default` is the name of a model or the path of a weight file, used unless a model was promoted."""
        self.catalogue = catalogue
        self.promotions = Promotions(catalogue)
        self.default = default

    @property
    def promoted(self) -> str | None:
        """The name of the promoted model; None: the default is the one in the settings."""
        decision = self.promotions.current()
        return None if decision is None else decision.model

    def entries(self, configured: ModelInfo | None) -> list[Entry]:
        """The default model, then the built-in one, then those of the folder by name.

        `configured` is the model named by the settings, once it is loaded.
        """
        entries = [registry.builtin_entry(), *self.catalogue.entries()]
        if configured is not None:
            loaded = (configured.name, configured.version)
            own = next((entry for entry in entries if (entry.name, entry.version) == loaded), None)
            others = [entry for entry in entries if entry.name != configured.name]
            entries = [own or self._named_by_path(configured), *others]
        return sorted(entries, key=lambda entry: entry.name != self.promoted)

    def version(self, name: str) -> str | None:
        """The version that a session would get now; None if no model has this name."""
        entry = self.find(name)
        return None if entry is None else entry.version

    def find(self, name: str) -> Entry | None:
        """The entry of the built-in model, or of one in the folder; None if no model has this name."""
        if name == BUILTIN:
            return registry.builtin_entry()
        return next((entry for entry in self.catalogue.entries() if entry.name == name), None)

    def num_bytes(self, name: str | None) -> int:
        """Bytes the model will take in memory; 0 if unknown before it is loaded."""
        entries = [entry for entry in self.catalogue.entries() if entry.name == name]
        return entries[0].num_parameters * _BYTES_PER_PARAMETER if entries else 0

    def stamp(self, name: str | None) -> tuple[int, int] | None:
        """Size and time of change of the weights of a model in the folder: others, if they were put right."""
        entry = next((entry for entry in self.catalogue.entries() if entry.name == name), None)
        if entry is None or not (path := self.catalogue.weights(entry)).is_file():
            return None
        found = path.stat()
        return found.st_size, found.st_mtime_ns

    def weights_problem(self, entry: Entry) -> str | None:
        """A reason if the weight file is gone, else None."""
        if entry.added_at is None or self.catalogue.weights(entry).is_file():
            return None
        return "its weights were taken away: add it again, or remove it"

    def _named_by_path(self, info: ModelInfo) -> Entry:
        path = Path(self.default)
        entry = Entry(
            name=info.name,
            file=path.name,
            digest=info.version,
            origin=str(path),
            preset=info.config_name,
            num_parameters=info.num_parameters,
            input_size=info.input_size,
            num_bytes=0,
            added_at=None,
            card=info.card,
            metrics=info.metrics,
        )
        if not path.is_file():
            return entry
        stat = path.stat()
        return replace(entry, digest=_digest(path, stat.st_mtime_ns), num_bytes=stat.st_size)


@lru_cache(maxsize=4)
def _digest(path: Path, _changed_at: int) -> str:
    return digest_of(path)
