"""Readers by name, in the order in which they are asked. To add one, add a file beside this one and a line below."""

from backend.imports.content.files import DatasetFiles
from backend.imports.content.manifest import DatasetManifest
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.coco import CocoReader
from backend.imports.readers.cvat import CvatReader
from backend.imports.readers.davis import DavisReader
from backend.imports.readers.object_masks import ObjectMasksReader
from backend.imports.readers.reader import DatasetReader
from backend.imports.readers.sa_v import SaVReader
from backend.imports.readers.youtube_vis import YoutubeVisReader
from backend.imports.readers.youtube_vos import YoutubeVosReader

READERS: dict[str, DatasetReader] = {
    reader.name: reader
    for reader in (
        YoutubeVosReader(),
        ObjectMasksReader(),
        DavisReader(),
        SaVReader(),
        YoutubeVisReader(),
        CocoReader(),
        CvatReader(),
    )
}


def reader_for(files: DatasetFiles, manifest: DatasetManifest) -> DatasetReader:
    """The reader of a dataset: the one that its manifest names, or the first that recognises it.

    Raises:
        UnreadableDataset: there is none.
    """
    if manifest.format is not None and manifest.format in READERS:
        return READERS[manifest.format]
    for reader in READERS.values():
        if reader.recognises(files):
            return reader
    titles = "; ".join(reader.title for reader in READERS.values())
    raise UnreadableDataset(f"It is laid out as none of these: {titles}.")
