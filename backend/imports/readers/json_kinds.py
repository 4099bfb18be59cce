"""Which layout a JSON document has, told from its first entries that only one layout has."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import PurePosixPath

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles
from backend.imports.content.json_values import object_in
from backend.imports.content.manifest import MANIFEST
from backend.imports.problems import UnreadableDataset


class JsonKind(StrEnum):
    """Layouts that are JSON."""

    sa_v = "sa_v"
    coco = "coco"
    youtube_vis = "youtube_vis"


_OF_ENTRY = {
    ("videos", "file_names"): JsonKind.youtube_vis,
    ("annotations", "segmentations"): JsonKind.youtube_vis,
    ("images", "file_name"): JsonKind.coco,
    ("annotations", "image_id"): JsonKind.coco,
}
_SA_V = {"masklet", "masklet_id", "masklet_num"}


def documents(files: DatasetFiles, kind: JsonKind) -> Iterator[str]:
    """The documents of this kind, by name."""
    for name in files.names:
        path = PurePosixPath(name)
        if path.suffix.lower() == ".json" and path.name not in (MANIFEST, "meta.json") and _kind(files, name) is kind:
            yield name


def _kind(files: DatasetFiles, name: str) -> JsonKind | None:
    try:
        for key, value in members_of(files, name):
            if key in _SA_V:
                return JsonKind.sa_v
            entry = object_in(value) or {}
            for (of_key, member), kind in _OF_ENTRY.items():
                if key == of_key and member in entry:
                    return kind
    except UnreadableDataset:
        if len(files.names) == 1:
            raise  # it is all there is, and what is wrong with it should be said
    return None
