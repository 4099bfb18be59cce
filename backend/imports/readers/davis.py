"""DAVIS 2017, MOSE and LVOS: palette PNG in `Annotations/{video}`, or below a folder for the resolution.

A pixel's value is the object's id. Frames need not be numbered from 0; only those with a picture are annotated.
"""

from backend.imports.content.files import DatasetFiles
from backend.imports.readers.clip_folders import PaletteClip, palette_folders
from backend.imports.readers.reader import OpenDataset


class DavisReader:
    """Implements DatasetReader."""

    name = "davis"
    title = "DAVIS 2017, MOSE, LVOS (palette PNG)"

    def recognises(self, files: DatasetFiles) -> bool:
        return bool(palette_folders(files))

    def read(self, dataset: OpenDataset) -> None:
        for key, folder in palette_folders(dataset.files).items():
            PaletteClip(key, folder).read(dataset)
