"""YouTube-VIS and OVIS: `videos` with their frames' names, and `annotations` of one object each.

An annotation has one mask for every frame, null where the object is absent.
"""

from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import FoundMask, FoundVideo
from backend.imports.content.json_values import entry_of, list_in, positive
from backend.imports.content.labels import label_of, number_in
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.categories import Categories
from backend.imports.readers.json_kinds import JsonKind, documents
from backend.imports.readers.reader import OpenDataset
from backend.imports.readers.segmentations import mask_in


class YoutubeVisReader:
    """Implements DatasetReader."""

    name = "youtube_vis"
    title = "YouTube-VIS, OVIS (JSON)"

    def recognises(self, files: DatasetFiles) -> bool:
        return next(documents(files, JsonKind.youtube_vis), None) is not None

    def read(self, dataset: OpenDataset) -> None:
        for name in documents(dataset.files, JsonKind.youtube_vis):
            videos: dict[str, _Clip] = {}
            categories = Categories()
            for key, value in members_of(dataset.files, name):
                if key == "videos":
                    clip = _Clip(dataset, name, entry_of(value, name, key))
                    videos[clip.key] = clip
                elif key == "categories":
                    categories.add(value)
            for key, value in members_of(dataset.files, name):
                if key == "annotations":
                    _read(dataset, name, entry_of(value, name, key), videos, categories)


class _Clip:
    """A video of a document."""

    def __init__(self, dataset: OpenDataset, name: str, entry: dict[str, Any]) -> None:
        self.key = str(entry.get("id"))
        place = f"{name}, video {self.key}"
        self.size = (positive(entry, "height", place), positive(entry, "width", place))
        names = list_in(entry.get("file_names")) or []
        if not names or not all(isinstance(each, str) for each in names):
            raise UnreadableDataset(f"{place} has no list of frames (file_names).")
        paths = [PurePosixPath(each) for each in names]
        self.numbers = _numbers(paths)
        called = [label_of(each) for each in (entry.get("name"), paths[0].parent.name)]
        self.id = dataset.harvest.add_video(
            self.key,
            FoundVideo([each for each in called if each], width=self.size[1], height=self.size[0], pictures=True),
        )
        dataset.harvest.add_frames(self.id, self.numbers, annotated=True)


def _numbers(paths: list[PurePosixPath]) -> list[int]:
    """The frames' numbers, from their names if these count them and from their places if not."""
    numbers = [number for path in paths if (number := number_in(path.stem)) is not None]
    rising = all(before < after for before, after in pairwise(numbers))
    return numbers if len(numbers) == len(paths) and rising else list(range(len(paths)))


def _read(
    dataset: OpenDataset, name: str, entry: dict[str, Any], videos: dict[str, _Clip], categories: Categories
) -> None:
    place = f"{name}, annotation {entry.get('id')!r:.40}"
    clip = videos.get(str(entry.get("video_id")))
    if clip is None:
        raise UnreadableDataset(f"{place}: there is no video {entry.get('video_id')!r:.40}.")
    masks, boxes = list_in(entry.get("segmentations")) or [], list_in(entry.get("bboxes")) or []
    if len(masks) != len(clip.numbers):
        raise UnreadableDataset(f"{place} has {len(masks)} masks, and its video has {len(clip.numbers)} frames.")
    boxed = len(boxes) == len(masks)
    if dataset.harvest.object_id(clip.id, str(entry.get("id"))) is not None:
        raise UnreadableDataset(f"{place}: there is another annotation of this id.")
    about = categories.object_of(entry, absent_elsewhere=True)
    object_id = dataset.harvest.add_object(clip.id, str(entry.get("id")), about)
    for index, (number, value) in enumerate(zip(clip.numbers, masks, strict=True)):
        if value is not None:
            at = f"{place}, segmentations[{index}]"
            box = boxes[index] if boxed else None
            mask = mask_in(value, clip.size, place=at, box=box)
            dataset.harvest.add_mask(object_id, FoundMask(number, mask), place=at)
