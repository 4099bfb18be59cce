"""Layouts with a folder for each clip: `JPEGImages/{video}/00000.jpg` and masks of the same names in `Annotations`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from backend.annotation.record.masks import painted_mask
from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import FoundMask, FoundObject, FoundVideo
from backend.imports.content.labels import label_of, number_in
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.pictures import ids_in, objects_in
from backend.imports.readers.reader import OpenDataset

RESOLUTION = r"(?:\d+p|Full-Resolution)"
_PICTURE = re.compile(rf"(?:.*/)?JPEGImages(?:_\w+)?/(?:{RESOLUTION}/)?([^/]+)/([^/]+)\.(?:jpe?g|png)", re.IGNORECASE)
_PALETTE = re.compile(rf"(?:.*/)?Annotations/(?:{RESOLUTION}/)?([^/]+)/([^/]+)\.png", re.IGNORECASE)


@dataclass(slots=True)
class ClipFolder:
    """The files of one clip: masks by the number in their names, and the numbers of its pictures."""

    masks: dict[int, str] = field(default_factory=dict[int, str])
    pictures: set[int] = field(default_factory=set[int])


def palette_folders(files: DatasetFiles) -> dict[str, ClipFolder]:
    """Clips with palette pictures, by name.

    Raises:
        UnreadableDataset: a mask's name has no number, or two have the same.
    """
    clips: dict[str, ClipFolder] = {}
    for name in files.names:
        if found := _PALETTE.fullmatch(name):
            put(clips.setdefault(found[1], ClipFolder()).masks, numbered(found[2], name), name)
    add_pictures(clips, files)
    return clips


def add_pictures(clips: dict[str, ClipFolder], files: DatasetFiles) -> None:
    """Note the pictures of clips that have masks."""
    for name in files.names:
        if (found := _PICTURE.fullmatch(name)) and found[1] in clips:
            clips[found[1]].pictures.add(numbered(found[2], name))


def numbered(stem: str, name: str) -> int:
    """The number in a frame's name."""
    number = number_in(stem)
    if number is None:
        raise UnreadableDataset(f"{name} has no frame number in its name.")
    return number


def put(masks: dict[int, str], number: int, name: str) -> None:
    """Note the file of a frame."""
    if masks.setdefault(number, name) != name:
        raise UnreadableDataset(f"{masks[number]} and {name} are the same frame.")


@dataclass(frozen=True, slots=True)
class PaletteClip:
    """A clip of palette pictures, and the labels of its objects, if they are listed."""

    key: str
    folder: ClipFolder
    labels: dict[int, str | None] | None = None

    def read(self, dataset: OpenDataset) -> None:
        """Read all pictures.

        Raises:
            UnreadableDataset: they differ in size, or show an object that is not listed.
        """
        harvest = dataset.harvest
        found = video_of(self.key, self.folder)
        video_id: int | None = None
        for number, name in sorted(self.folder.masks.items()):
            values = ids_in(dataset.files, name)
            if video_id is None:
                found.height, found.width = values.shape
                video_id = harvest.add_video(self.key, found)
                add_frames(dataset, video_id, self.folder)
            require_size(values.shape, found, name)
            for value, pixels in objects_in(values):
                if self.labels is not None and value not in self.labels:
                    raise UnreadableDataset(f"{name} shows object {value}, which meta.json does not list.")
                label = None if self.labels is None else self.labels[value]
                about = FoundObject(label=label, number=value, absent_elsewhere=True)
                object_id = harvest.add_object(video_id, str(value), about)
                harvest.add_mask(object_id, FoundMask(number, painted_mask(pixels)), place=name)


def video_of(key: str, folder: ClipFolder) -> FoundVideo:
    """The clip, of which no size is known yet."""
    names = [name for name in (label_of(key),) if name]
    return FoundVideo(names=names, pictures=folder.pictures >= folder.masks.keys())


def add_frames(dataset: OpenDataset, video_id: int, folder: ClipFolder) -> None:
    dataset.harvest.add_frames(video_id, sorted(folder.pictures), annotated=False)
    dataset.harvest.add_frames(video_id, sorted(folder.masks), annotated=True)


def require_size(shape: Iterable[int], found: FoundVideo, name: str) -> None:
    """Check a picture's (height, width) against its clip's."""
    height, width = shape
    if (height, width) != (found.height, found.width):
        raise UnreadableDataset(
            f"{name} is {width} x {height} pixels, the clip's first mask {found.width} x {found.height}."
        )
