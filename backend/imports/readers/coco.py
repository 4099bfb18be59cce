"""COCO: `images` and `annotations` of one mask each, as run lengths or polygons.

Images of one video have the same `video_id`, or lie in one folder; annotations of one object have the same `track_id`.
Without a `track_id` each annotation is an object on a single frame, of which nothing is said elsewhere.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import FoundMask, FoundVideo
from backend.imports.content.json_values import entry_of, object_in, positive, whole_of
from backend.imports.content.labels import label_of, number_in
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.categories import Categories
from backend.imports.readers.json_kinds import JsonKind, documents
from backend.imports.readers.reader import OpenDataset
from backend.imports.readers.segmentations import mask_in

_TRACKS = ("track_id", "instance_id")
_INDEXES = ("frame_index", "frame_id")


class CocoReader:
    """Implements DatasetReader."""

    name = "coco"
    title = "COCO (run lengths, polygons)"

    def recognises(self, files: DatasetFiles) -> bool:
        return next(documents(files, JsonKind.coco), None) is not None

    def read(self, dataset: OpenDataset) -> None:
        for name in documents(dataset.files, JsonKind.coco):
            document = _Document(dataset, name)
            for key, value in members_of(dataset.files, name):
                document.add(key, value)
            document.finish_videos()
            for key, value in members_of(dataset.files, name):
                if key == "annotations":
                    document.add_annotation(entry_of(value, name, key))


@dataclass(frozen=True, slots=True)
class _Image:
    """A frame of a video."""

    video: str
    number: int
    size: tuple[int, int]  # (height, width)


class _Document:
    """One document while it is read."""

    def __init__(self, dataset: OpenDataset, name: str) -> None:
        self._dataset = dataset
        self._name = name
        self._images: dict[str, _Image] = {}
        self._videos: dict[str, FoundVideo] = {}
        self._frames: dict[str, set[int]] = {}
        self._ids: dict[str, int] = {}
        self._video_names: dict[str, str] = {}
        self._categories = Categories()

    def add(self, key: str, value: Any) -> None:
        """Take an entry of any list but the annotations."""
        if key == "categories":
            self._categories.add(value)
        elif key == "videos" and (video := object_in(value)) is not None:
            label = label_of(video.get("name") or video.get("file_name"))
            if label is not None:
                self._video_names[str(video.get("id"))] = label
        elif key == "images":
            self._add_image(entry_of(value, self._name, key))

    def finish_videos(self) -> None:
        """Store the videos, once all images are known."""
        for key, found in self._videos.items():
            if key in self._video_names:
                found.names.insert(0, self._video_names[key])
            self._ids[key] = self._dataset.harvest.add_video(key, found)
            self._dataset.harvest.add_frames(self._ids[key], sorted(self._frames[key]), annotated=True)

    def add_annotation(self, entry: dict[str, Any]) -> None:
        place = f"{self._name}, annotation {entry.get('id')!r:.40}"
        image = self._images.get(str(entry.get("image_id")))
        if image is None:
            raise UnreadableDataset(f"{place}: there is no image {entry.get('image_id')!r:.40}.")
        mask = mask_in(entry.get("segmentation"), image.size, place=place, box=entry.get("bbox"))
        track = next((entry[key] for key in _TRACKS if isinstance(entry.get(key), int | str)), None)
        key = f"annotation {entry.get('id')}" if track is None else str(track)
        about = self._categories.object_of(entry, absent_elsewhere=track is not None)
        object_id = self._dataset.harvest.add_object(self._ids[image.video], key, about)
        self._dataset.harvest.add_mask(object_id, FoundMask(image.number, mask), place=place)

    def _add_image(self, entry: dict[str, Any]) -> None:
        key, place = str(entry.get("id")), f"{self._name}, image {entry.get('id')!r:.40}"
        if key in self._images:
            raise UnreadableDataset(f"{place}: there is another image of this id.")
        path = PurePosixPath(str(entry.get("file_name") or ""))
        video = str(entry["video_id"]) if isinstance(entry.get("video_id"), int | str) else path.parent.name
        size = (positive(entry, "height", place), positive(entry, "width", place))
        index = next((at for each in _INDEXES if (at := whole_of(entry.get(each))) is not None), None)
        number = index if index is not None else number_in(path.stem) if video else 0
        if number is None or number < 0:
            raise UnreadableDataset(f"{place} has no frame number: neither frame_index nor a number in its file_name.")
        video = video or path.name or key
        known = self._videos.get(video)
        if known is None:
            names = [label_of(name) for name in (path.parent.name, path.name if path.parent.name == "" else None)]
            known = FoundVideo([name for name in names if name], width=size[1], height=size[0])
            self._videos[video], self._frames[video] = known, set()
            known.indexes = index is not None
        if size != (known.height, known.width):
            raise UnreadableDataset(
                f"{place} is {size[1]} x {size[0]} pixels, its video's first frame {known.width} x {known.height}."
            )
        if number in self._frames[video]:
            raise UnreadableDataset(f"{place}: there is another image of this frame.")
        self._frames[video].add(number)
        self._images[key] = _Image(video, number, size)
