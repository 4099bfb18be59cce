"""YouTube-VOS: palette PNG in `Annotations/{video}`, and `meta.json` with each object's category and frames."""

from pathlib import PurePosixPath

from pydantic import BaseModel, ValidationError

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles
from backend.imports.content.json_values import entry_of
from backend.imports.content.labels import label_of, number_in
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.clip_folders import ClipFolder, PaletteClip, palette_folders
from backend.imports.readers.reader import OpenDataset

_META = "meta.json"
_MOST_IDS = 255
_NO_CATEGORY = "object"  # as exports have it that know none


class _MetaObject(BaseModel):
    category: str | None = None
    frames: list[str | int] = []


class _MetaVideo(BaseModel):
    objects: dict[int, _MetaObject]


class YoutubeVosReader:
    """Implements DatasetReader."""

    name = "youtube_vos"
    title = "YouTube-VOS (palette PNG, meta.json)"

    def recognises(self, files: DatasetFiles) -> bool:
        return bool(_metas(files)) and bool(palette_folders(files))

    def read(self, dataset: OpenDataset) -> None:
        folders, listed = palette_folders(dataset.files), set[str]()
        for meta in _metas(dataset.files):
            for key, value in members_of(dataset.files, meta):
                if key != "videos":
                    continue
                for video, told in entry_of(value, meta, key).items():
                    _read(dataset, meta, video, told, folders)
                    listed.add(video)
        if unlisted := sorted(folders.keys() - listed):
            raise UnreadableDataset(f"There are masks of video {unlisted[0]}, which no meta.json lists.")


def _metas(files: DatasetFiles) -> list[str]:
    return [name for name in files.names if PurePosixPath(name).name == _META]


def _read(dataset: OpenDataset, meta: str, key: str, told: object, folders: dict[str, ClipFolder]) -> None:
    try:
        objects = _MetaVideo.model_validate(told).objects
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableDataset(f"{meta}, video {key}, {where}: {first['msg']}.") from None
    folder = folders.get(key)
    if folder is None:
        raise UnreadableDataset(f"{meta} lists video {key}, of which there are no masks.")
    for object_id, one in objects.items():
        if not 1 <= object_id <= _MOST_IDS:
            raise UnreadableDataset(
                f"{meta}, video {key}: a palette has no object {object_id}; ids are 1 to {_MOST_IDS}."
            )
        for frame in one.frames:
            number = frame if isinstance(frame, int) else number_in(frame)
            if number not in folder.masks:
                raise UnreadableDataset(
                    f"{meta} lists object {object_id} on frame {frame} of {key}, which has no mask."
                )
    labels = {object_id: _label(one.category) for object_id, one in objects.items()}
    PaletteClip(key, folder, labels).read(dataset)


def _label(category: str | None) -> str | None:
    label = label_of(category)
    return None if label == _NO_CATEGORY else label
