"""SA-V's training layout: `{video}_manual.json` and `{video}_auto.json`, of which the names in here are SA-V's own.

Lists of masks are frame-major. An empty mask means that the object is absent, and null that nobody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import FoundMask, FoundObject, FoundVideo
from backend.imports.content.json_values import list_in, number_of, positive
from backend.imports.content.labels import label_of
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.json_kinds import JsonKind, documents
from backend.imports.readers.reader import OpenDataset
from backend.imports.readers.segmentations import mask_in
from backend.tables.states import Origin

_STEP = 4  # of SA-V itself: 6 of 24 frames a second
_LISTS = ("masklet_id", "masklet_type", "masklet_stability_score")


class SaVReader:
    """Implements DatasetReader."""

    name = "sa_v"
    title = "SA-V (manual and auto JSON)"

    def recognises(self, files: DatasetFiles) -> bool:
        return next(documents(files, JsonKind.sa_v), None) is not None

    def read(self, dataset: OpenDataset) -> None:
        videos: dict[str, tuple[int, _Head]] = {}
        for name in documents(dataset.files, JsonKind.sa_v):
            head = _head_of(dataset, name)
            if head.video not in videos:
                video_id = dataset.harvest.add_video(head.video, _video(dataset, name, head))
                dataset.harvest.add_frames(video_id, head.frames, annotated=True)
                videos[head.video] = (video_id, head)
            video_id, first = videos[head.video]
            if (first.frames, first.size) != (head.frames, head.size):
                raise UnreadableDataset(f"{name}: frames or size are not those of the video's other file.")
            _read_masks(dataset, name, head, video_id)


@dataclass(slots=True)
class _Head:
    """All of a document but its masks."""

    video: str
    size: tuple[int, int]  # (height, width)
    num_frames: int
    num_rows: int = 0
    step: int = 1
    lists: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])

    @property
    def frames(self) -> range:
        return range(0, self.num_rows * self.step, self.step)


def _head_of(dataset: OpenDataset, name: str) -> _Head:
    scalars: dict[str, Any] = {}
    lists: dict[str, list[Any]] = {key: [] for key in _LISTS}
    num_rows = 0
    for key, value in members_of(dataset.files, name):
        if key == "masklet":
            num_rows += 1
        elif key in lists:
            lists[key].append(value)
        else:
            scalars[key] = value
    head = _Head(
        video=label_of(scalars.get("video_id")) or PurePosixPath(name).stem.rpartition("_")[0],
        size=(positive(scalars, "video_height", name), positive(scalars, "video_width", name)),
        num_frames=positive(scalars, "video_frame_count", name),
        num_rows=num_rows,
        lists=lists,
    )
    head.step = _step(head, dataset.manifest.frame_step(head.video), name)
    if len({str(each) for each in lists["masklet_id"]}) != len(lists["masklet_id"]):
        raise UnreadableDataset(f"{name}: two objects have the same masklet_id.")
    return head


def _step(head: _Head, told: int | None, name: str) -> int:
    """Every how manieth frame has masks: the only number by which so many frames give so many rows."""
    if not head.num_rows:
        raise UnreadableDataset(f"{name} has no masks: its list masklet is empty or missing.")
    fitting = [step for step in range(1, head.num_frames + 1) if -(-head.num_frames // step) == head.num_rows]
    chosen = told if told in fitting else _STEP if _STEP in fitting else fitting[0] if fitting else None
    if chosen is None or (len(fitting) > 1 and head.num_rows > 1 and chosen not in (told, _STEP)):
        raise UnreadableDataset(
            f"{name} has masks on {head.num_rows} frames of {head.num_frames}, which no even spacing gives."
            if chosen is None
            else f"{name} has masks on {head.num_rows} frames of {head.num_frames}; it cannot be told which frames."
        )
    return chosen


def _video(dataset: OpenDataset, name: str, head: _Head) -> FoundVideo:
    clip = f"{name.rpartition('/')[0]}/{head.video}.mp4".lstrip("/")
    height, width = head.size
    return FoundVideo(
        names=[f"{head.video}.mp4", head.video],
        width=width,
        height=height,
        num_frames=head.num_frames,
        sha256=dataset.files.sha256(clip) if clip in dataset.files else None,
        indexes=True,
    )


def _read_masks(dataset: OpenDataset, name: str, head: _Head, video_id: int) -> None:
    ids, types, scores = (head.lists[key] for key in _LISTS)
    default = Origin.auto if PurePosixPath(name).stem.endswith("_auto") else Origin.manual
    in_dataset = name.removeprefix(dataset.manifest.root)
    objects = [
        dataset.harvest.add_object(video_id, f"{in_dataset} {each}", FoundObject(origin=_origin(types, place, default)))
        for place, each in enumerate(ids)
    ]
    rows = (value for key, value in members_of(dataset.files, name) if key == "masklet")
    for index, (frame, row) in enumerate(zip(head.frames, rows, strict=True)):
        masks = list_in(row) or []
        if len(masks) != len(ids):
            raise UnreadableDataset(
                f"{name}: masklet[{index}] has {len(masks)} masks, and there are {len(ids)} objects."
            )
        for column, value in enumerate(masks):
            if value is not None:
                place = f"{name}, masklet[{index}][{column}]"
                mask = mask_in(value, head.size, place=place)
                found = FoundMask(frame, mask, _score(scores, index, column))
                dataset.harvest.add_mask(objects[column], found, place=place)


def _origin(types: Sequence[Any], place: int, default: Origin) -> Origin:
    return Origin(types[place]) if place < len(types) and types[place] in list(Origin) else default


def _score(scores: Sequence[Any], index: int, column: int) -> float | None:
    """The stability of a mask of an automatic object; manual ones have none."""
    row = list_in(scores[index]) if index < len(scores) else None
    return number_of(row[column]) if row is not None and column < len(row) else None
