"""CVAT for video 1.1: an XML document for each task, or one for all tasks of a project.

A mask's run lengths go along the rows of its crop and begin with background. CVAT writes a mask on a single frame as a
track that its next frame closes (`outside`); such tracks of one group are one object, unless two of them are on one
frame, or differ in what does not change. In a track of several masks, one stands until the next one, or until the
track is closed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from backend.annotation.record.masks import CheckedMask, empty_mask, painted_mask
from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import FoundMask, FoundVideo
from backend.imports.content.labels import label_of
from backend.imports.content.xml_documents import XmlEvent, events_of
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.cvat_labels import CvatLabels
from backend.imports.readers.reader import OpenDataset
from backend.imports.readers.segmentations import mask_in

_META = "annotations/meta/"
_TRACK = "annotations/track"
_SHAPE_DEPTH = 2  # slashes in the path of a shape; its attributes are one deeper
_MOST_FRAMES = 1_000_000


class CvatReader:
    """Implements DatasetReader."""

    name = "cvat"
    title = "CVAT for video 1.1 (XML)"

    def recognises(self, files: DatasetFiles) -> bool:
        return bool(_documents(files))

    def read(self, dataset: OpenDataset) -> None:
        for name in _documents(dataset.files):
            document = _CvatDocument(dataset, name)
            for event in events_of(dataset.files, name):
                document.look(event)
            document.finish_look()
            for event in events_of(dataset.files, name):
                document.read(event)


def _documents(files: DatasetFiles) -> list[str]:
    found = [name for name in files.names if name.lower().endswith(".xml")]
    return [name for name in found if next((event.path for event in events_of(files, name)), "") == "annotations"]


@dataclass(slots=True)
class _CvatTask:
    """A task: one clip, with the frames of it that CVAT shows."""

    told: dict[str, str] = field(default_factory=dict[str, str])
    id: int = 0  # in the harvest
    size: tuple[int, int] = (0, 0)  # (height, width)
    frames: range = field(default_factory=lambda: range(0))


@dataclass(slots=True)
class _CvatTrack:
    """A track while it is read: its masks by frame, None where it is closed."""

    attributes: dict[str, str]
    masks: dict[int, CheckedMask | None] = field(default_factory=dict[int, CheckedMask | None])
    said: defaultdict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    """Texts by attribute and frame."""
    frame: int | None = None  # of the shape that is being read, unless that closes the track
    attribute: str = ""  # that is being read

    @property
    def label(self) -> str:
        return self.attributes.get("label", "")

    @property
    def group(self) -> str:
        return self.attributes.get("group_id", "0")

    @property
    def visible(self) -> list[int]:
        return [frame for frame, mask in sorted(self.masks.items()) if mask is not None]


class _CvatDocument:
    """One document, which is gone through twice: groups are known only in the end."""

    def __init__(self, dataset: OpenDataset, name: str) -> None:
        self._dataset = dataset
        self._name = name
        self._tasks: dict[str, _CvatTask] = {}
        self._task = _CvatTask()
        self._track: _CvatTrack | None = None
        self._frames: defaultdict[tuple[str, str], list[str]] = defaultdict(list)  # of a task's groups
        self._groups = set[tuple[str, str]]()  # that are one object each
        self._group_labels: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._group_texts: defaultdict[tuple[str, str], defaultdict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        self._labels = CvatLabels(dataset.harvest.ontology, name)

    def look(self, event: XmlEvent) -> None:
        """Take what is said of tasks, and see which frames groups have masks on."""
        if event.path.startswith("annotations/image"):
            raise UnreadableDataset(f"{self._name} is CVAT for images. Export the task as CVAT for video 1.1.")
        if event.path.startswith(_META):
            self._look_at_meta(event)
            self._labels.look(event)
        elif event.path == _TRACK and event.attributes is not None:
            self._track = _CvatTrack(event.attributes)
        elif self._track is not None:
            key = (self._track.attributes.get("task_id", ""), self._track.group)
            shape = event.attributes if event.path.count("/") == _SHAPE_DEPTH else None
            if shape is not None and shape.get("outside") != "1":
                self._frames[key].append(shape.get("frame", ""))
                self._group_labels[key].add(self._track.label)
            elif (named := _said(self._track, event)) is not None and key[1] != "0":
                texts = self._group_texts[key][named]
                if len(texts) < 2:  # more would tell nothing new
                    texts.add(event.text)

    def finish_look(self) -> None:
        """Store the tasks' videos, and tell which groups are objects."""
        for key, frames in self._frames.items():
            if key[1] != "0" and len(set(frames)) == len(frames) and len(self._group_labels[key]) == 1:
                (label,) = self._group_labels[key]
                differ = [name for name, texts in self._group_texts[key].items() if len(texts) > 1]
                if all(self._labels.changes(label, name) for name in differ):
                    self._groups.add(key)
        if not self._tasks:
            raise UnreadableDataset(f"{self._name} says nothing of its task: meta has neither task nor job.")
        for task in self._tasks.values():
            self._add_video(task)
        self._track = None

    def read(self, event: XmlEvent) -> None:
        """Take the tracks."""
        if event.path == _TRACK:
            if event.attributes is not None:
                self._track = _CvatTrack(event.attributes)
            elif self._track is not None:
                self._store(self._track)
                self._track = None
        elif self._track is not None:
            if event.path.count("/") == _SHAPE_DEPTH and event.attributes is not None:
                self._add_shape(self._track, event, event.attributes)
            elif (named := _said(self._track, event)) is not None and self._track.frame is not None:
                self._track.said[named][self._track.frame] = event.text

    def _look_at_meta(self, event: XmlEvent) -> None:
        *around, last = event.path.removeprefix(_META).split("/")
        if event.attributes is not None:
            if last in ("task", "job"):
                self._task = _CvatTask()
        elif last in ("task", "job"):
            self._tasks[self._task.told.get("id", str(len(self._tasks)))] = self._task
        elif around and around[-1] in ("task", "job"):
            self._task.told[last] = event.text
        elif around and around[-1] == "original_size":
            self._task.told[f"original_{last}"] = event.text

    def _add_video(self, task: _CvatTask) -> None:
        told = task.told
        task.size = (self._whole(told, "original_height"), self._whole(told, "original_width"))
        first, last = self._whole(told, "start_frame"), self._whole(told, "stop_frame")
        step = told.get("frame_filter", "").partition("step=")[2] or "1"
        task.frames = range(first, last + 1, self._whole({"frame_filter": step}, "frame_filter") or 1)
        if len(task.frames) > _MOST_FRAMES:
            raise UnreadableDataset(f"{self._name}: the task has {len(task.frames):,} frames.")
        names = [label for label in (label_of(told.get("source")), label_of(told.get("name"))) if label]
        key = PurePosixPath(names[0]).stem if names else f"task {told.get('id', '')}"
        height, width = task.size
        video = FoundVideo(names, width=width, height=height, indexes=True)
        task.id = self._dataset.harvest.add_video(key, video)
        self._dataset.harvest.add_frames(task.id, task.frames, annotated=True)

    def _task_of(self, track: _CvatTrack) -> _CvatTask:
        task = self._tasks.get(track.attributes.get("task_id", ""))
        if task is None and len(self._tasks) == 1:
            (task,) = self._tasks.values()
        if task is None:
            raise UnreadableDataset(f"{self._place(track)}: there is no task {track.attributes.get('task_id')!r:.40}.")
        return task

    def _add_shape(self, track: _CvatTrack, event: XmlEvent, told: dict[str, str]) -> None:
        kind, task = event.path.rpartition("/")[2], self._task_of(track)
        frame = self._whole(told, "frame", place=f"{self._place(track)}, line {event.line}")
        place = f"{self._place(track)}, frame {frame}"
        if frame not in task.frames:
            raise UnreadableDataset(f"{place}: the task has no such frame.")
        if frame in track.masks:
            raise UnreadableDataset(f"{place}: the object has a second mask on this frame.")
        track.frame = None if told.get("outside") == "1" else frame
        if track.frame is None:
            track.masks[frame] = None
        elif kind == "mask":
            track.masks[frame] = _cropped(told, task.size, place)
        elif kind == "polygon":
            points = told.get("points", "").replace(";", ",").split(",")
            track.masks[frame] = mask_in([[_number(each) for each in points]], task.size, place=place)

    def _store(self, track: _CvatTrack) -> None:
        """Boxes, points and lines have no mask; an object of them alone is left out, and counted."""
        task, harvest = self._task_of(track), self._dataset.harvest
        key = (track.attributes.get("task_id", ""), track.group)
        grouped = key in self._groups
        is_course = len(track.visible) > 1  # a track in time, not a mask that CVAT put into one
        object_id = harvest.add_object(
            task.id,
            track.group if grouped else f"track {track.attributes.get('id')}",
            self._labels.object_of(track.attributes, absent_elsewhere=grouped or is_course),
        )
        self._labels.tell(harvest, object_id, track.label, track.said, self._place(track))
        for frame, mask in _shown(track, task) if is_course else ((each, track.masks[each]) for each in track.visible):
            if mask is not None:
                place = f"{self._place(track)}, frame {frame}"
                harvest.add_mask(object_id, FoundMask(frame, mask), place=place)

    def _place(self, track: _CvatTrack) -> str:
        return f"{self._name}, track {track.attributes.get('id')!r:.40}"

    def _whole(self, told: dict[str, str], key: str, *, place: str = "") -> int:
        value = told.get(key, "")
        if not value.isascii() or not value.isdigit() or len(value) > 9:
            raise UnreadableDataset(f"{place or self._name}: {key} must be a whole number, not {value!r:.40}.")
        return int(value)


def _said(track: _CvatTrack, event: XmlEvent) -> str | None:
    """The name of the attribute of a shape that ends here with its text."""
    if event.path.count("/") != _SHAPE_DEPTH + 1 or not event.path.endswith("/attribute"):
        return None
    if event.attributes is not None:
        track.attribute = event.attributes.get("name", "")
        return None
    return track.attribute


def _shown(track: _CvatTrack, task: _CvatTask) -> Iterator[tuple[int, CheckedMask | None]]:
    """What a track shows on each frame: the latest shape, until it is closed."""
    absent = empty_mask(height=task.size[0], width=task.size[1])
    latest: CheckedMask | None = None
    for frame in task.frames:
        latest = track.masks.get(frame, latest)
        yield frame, latest or absent


def _cropped(told: dict[str, str], size: tuple[int, int], place: str) -> CheckedMask:
    """A mask from the run lengths of its crop, which go along rows."""
    try:
        left, top, width, height = (int(told[key]) for key in ("left", "top", "width", "height"))
        runs = [int(run) for run in told["rle"].split(",")]
    except (KeyError, ValueError):
        raise UnreadableDataset(f"{place}: a mask needs rle, left, top, width and height as whole numbers.") from None
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > size[1] or top + height > size[0]:
        raise UnreadableDataset(f"{place}: the mask's crop leaves the frame, which is {size[1]} x {size[0]}.")
    if min(runs) < 0 or sum(runs) != width * height:
        raise UnreadableDataset(f"{place}: the runs sum to {sum(runs)}, and the crop has {width * height} pixels.")
    pixels = np.zeros(size, bool)
    values = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    pixels[top : top + height, left : left + width] = values.reshape(height, width)
    return painted_mask(pixels)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text  # which is refused as no number
