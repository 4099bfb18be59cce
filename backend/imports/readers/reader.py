"""The protocol of readers."""

from dataclasses import dataclass
from typing import Protocol

from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import Harvest
from backend.imports.content.manifest import DatasetManifest


@dataclass(frozen=True, slots=True)
class OpenDataset:
    """A dataset that is being read: its files, what its manifest says, and where what is read goes."""

    files: DatasetFiles
    manifest: DatasetManifest
    harvest: Harvest


class DatasetReader(Protocol):
    """Reads datasets of one layout."""

    @property
    def name(self) -> str:
        """Its identifier in the API; that of the export format of the same layout, if there is one."""
        ...

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    def recognises(self, files: DatasetFiles) -> bool:
        """Whether the files lie as in this layout. Asked in the order of the registry."""
        ...

    def read(self, dataset: OpenDataset) -> None:
        """Read all videos, objects and masks. A video's key is what its manifest would call it; so is an object's.

        Raises:
            UnreadableDataset: something of it cannot be what it should be. It names the file and the place in it.
        """
        ...
