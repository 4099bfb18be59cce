"""What was read of a dataset, on disk: videos, objects and masks, whatever order the files have them in.

It is an SQLite file, because a dataset may hold more masks than fit into memory, and COCO lists them in any order.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

from backend.annotation.record.masks import CheckedMask, empty_mask
from backend.imports.content.ontology import FoundOntology
from backend.imports.problems import UnreadableDataset
from backend.ontology.timelines import Value
from backend.tables.states import Origin

_MAX_VIDEOS, _MAX_OBJECTS, _MAX_MASKS, _MAX_VALUES = 10_000, 100_000, 10_000_000, 10_000_000
_LONGEST_KEY = 400
MAX_SIDE = 16_384
_SCHEMA = """
CREATE TABLE videos (id INTEGER PRIMARY KEY, key TEXT UNIQUE, facts TEXT);
CREATE TABLE frames (video INTEGER, number INTEGER, annotated INTEGER, PRIMARY KEY (video, number)) WITHOUT ROWID;
CREATE TABLE objects (id INTEGER PRIMARY KEY, video INTEGER, key TEXT, facts TEXT, UNIQUE (video, key));
CREATE TABLE masks (
    object INTEGER, number INTEGER, counts BLOB, area INTEGER,
    x INTEGER, y INTEGER, width INTEGER, height INTEGER, stability REAL,
    PRIMARY KEY (object, number)
) WITHOUT ROWID;
CREATE TABLE object_values (owner INTEGER, attribute INTEGER, number INTEGER, value TEXT,
    PRIMARY KEY (owner, attribute, number)) WITHOUT ROWID;
CREATE TABLE video_values (owner INTEGER, attribute INTEGER, number INTEGER, value TEXT,
    PRIMARY KEY (owner, attribute, number)) WITHOUT ROWID;
"""
_PRAGMAS = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;"


@dataclass(slots=True)
class FoundVideo:
    """A video as the dataset has it. What the dataset does not say is None."""

    names: list[str] = field(default_factory=list[str])  # by which it may be known here, the likeliest first
    width: int | None = None
    height: int | None = None
    num_frames: int | None = None
    uuid: str | None = None  # where it was exported
    sha256: str | None = None  # of its file
    indexes: bool = False  # the frames' numbers are indexes of the video, not just names
    pictures: bool = False  # all frames of the clip are listed, not only those with masks


@dataclass(slots=True)
class FoundObject:
    """An object as the dataset has it."""

    name: str | None = None  # its own, which few datasets have
    label: str | None = None  # what kind of thing it is: its category, label or class
    origin: Origin = Origin.manual
    number: int | None = None
    uuid: str | None = None
    absent_elsewhere: bool = False  # on annotated frames without a mask of it
    unknown: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Frames, first and last of each stretch, on which nobody knows where it is, whatever the files say."""


Owner = Literal["object", "video"]
"""What has values: an object, or a video for itself and its frames."""

FoundValues = dict[int, list[tuple[int, Value]]]
"""By the attribute's place in the ontology: from which frame index on which value holds."""


@dataclass(frozen=True, slots=True)
class FoundMask:
    """A mask on a frame, by the dataset's number of it."""

    number: int
    mask: CheckedMask
    stability: float | None = None


class Harvest:
    """The file. One thread at a time works with it."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        if fresh:
            path.unlink(missing_ok=True)
        # Once it is read nobody changes it: the store keeps it as it is.
        address = path if fresh else f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._file = sqlite3.connect(address, uri=not fresh, check_same_thread=False, isolation_level=None)
        self._objects: dict[tuple[int, str], int] = {}
        self._num_masks = self._num_values = 0
        self.ontology = FoundOntology()  # as it is read; small, and kept in the survey
        if fresh:
            self._file.executescript(f"{_PRAGMAS} BEGIN; {_SCHEMA}")

    def close(self) -> None:
        if self._file.in_transaction:
            self._file.execute("COMMIT")
        self._file.close()

    def add_video(self, key: str, video: FoundVideo) -> int:
        """Add a video. Returns its id.

        Raises:
            UnreadableDataset: there was one of this key, or there are too many.
        """
        _require_plain(key)
        if self.video_id(key) is not None:
            raise UnreadableDataset(f"The dataset has two videos called {key}.")
        for side in (video.width, video.height):
            if side is not None and not 1 <= side <= MAX_SIDE:
                raise UnreadableDataset(f"Video {key} is {video.width} x {video.height} pixels.")
        added = self._file.execute("INSERT INTO videos (key, facts) VALUES (?, ?)", (key, json.dumps(asdict(video))))
        assert added.lastrowid is not None
        if added.lastrowid > _MAX_VIDEOS:
            raise UnreadableDataset(f"The dataset has more than {_MAX_VIDEOS:,} videos. Import it in parts.")
        return added.lastrowid

    def video_id(self, key: str) -> int | None:
        row = self._file.execute("SELECT id FROM videos WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def change_video(self, video_id: int, video: FoundVideo) -> None:
        self._file.execute("UPDATE videos SET facts = ? WHERE id = ?", (json.dumps(asdict(video)), video_id))

    def add_frames(self, video_id: int, numbers: Iterable[int], *, annotated: bool) -> None:
        """Note frames that the dataset has of a video; on annotated ones an object without a mask may be absent."""
        rows = ((video_id, number, annotated) for number in numbers)
        clash = "ON CONFLICT DO UPDATE SET annotated = max(annotated, excluded.annotated)"
        self._file.executemany(f"INSERT INTO frames VALUES (?, ?, ?) {clash}", rows)

    def add_object(self, video_id: int, key: str, found: FoundObject) -> int:
        """Add an object, or find the one of this key. Returns its id."""
        known = self._objects.get((video_id, key))
        if known is not None:
            return known
        _require_plain(key)
        added = self._file.execute(
            "INSERT INTO objects (video, key, facts) VALUES (?, ?, ?)", (video_id, key, json.dumps(asdict(found)))
        )
        assert added.lastrowid is not None
        if added.lastrowid > _MAX_OBJECTS:
            raise UnreadableDataset(f"The dataset has more than {_MAX_OBJECTS:,} objects. Import it in parts.")
        self._objects[video_id, key] = added.lastrowid
        return added.lastrowid

    def object_id(self, video_id: int, key: str) -> int | None:
        return self._objects.get((video_id, key))

    def change_object(self, object_id: int, found: FoundObject) -> None:
        self._file.execute("UPDATE objects SET facts = ? WHERE id = ?", (json.dumps(asdict(found)), object_id))

    def add_mask(self, object_id: int, found: FoundMask, *, place: str) -> None:
        """Add a mask.

        Raises:
            UnreadableDataset: the object has one on this frame, or there are too many. It names the place.
        """
        self._num_masks += 1
        if self._num_masks > _MAX_MASKS:
            raise UnreadableDataset(f"The dataset has more than {_MAX_MASKS:,} masks. Import it in parts.")
        mask = found.mask
        box = mask.box or (None, None, None, None)
        row = (object_id, found.number, mask.counts, mask.area, *box, found.stability)
        try:
            self._file.execute("INSERT INTO masks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise UnreadableDataset(f"{place}: the object has a second mask on this frame.") from None

    def add_value(self, owner: Owner, owner_id: int, attribute: int, at: tuple[int, Value], *, place: str) -> None:
        """Say from which frame index on which value holds. A choice is its name.

        Raises:
            UnreadableDataset: something else was said of this frame, or there are too many. It names the place.
        """
        self._num_values += 1
        if self._num_values > _MAX_VALUES:
            raise UnreadableDataset(f"The dataset has more than {_MAX_VALUES:,} values. Import it in parts.")
        key, value = (owner_id, attribute, at[0]), json.dumps(at[1])
        where = "owner = ? AND attribute = ? AND number = ?"
        known = self._file.execute(f"SELECT value FROM {owner}_values WHERE {where}", key).fetchone()
        if known is None:
            self._file.execute(f"INSERT INTO {owner}_values VALUES (?, ?, ?, ?)", (*key, value))
        elif known[0] != value:
            name = self.ontology.attributes[attribute].name
            raise UnreadableDataset(f"{place}: attribute {name!r:.80} has two values, {known[0]:.40} and {value:.40}.")

    def values(self, owner: Owner, owner_id: int) -> FoundValues:
        """All values of an object or a video, by frame."""
        asked = f"SELECT attribute, number, value FROM {owner}_values WHERE owner = ? ORDER BY attribute, number"
        found: FoundValues = {}
        for attribute, number, value in self._file.execute(asked, (owner_id,)):
            found.setdefault(attribute, []).append((number, json.loads(value)))
        return found

    def forget_ontology(self) -> None:
        """Let go of everything that readers found out about classes and attributes."""
        self.ontology = FoundOntology()
        self._file.execute("DELETE FROM object_values")
        self._file.execute("DELETE FROM video_values")

    def videos(self) -> Iterator[tuple[int, str, FoundVideo]]:
        """All videos, by id in the order in which they were added, with their keys."""
        for video_id, key, facts in self._file.execute("SELECT id, key, facts FROM videos ORDER BY id").fetchall():
            yield video_id, key, FoundVideo(**json.loads(facts))

    def frames(self, video_id: int, *, annotated: bool = False) -> list[int]:
        """The numbers of a video's frames; if asked for, of the annotated ones."""
        asked = "SELECT number FROM frames WHERE video = ? AND annotated >= ? ORDER BY number"
        return [number for (number,) in self._file.execute(asked, (video_id, annotated))]

    def objects(self, video_id: int) -> Iterator[tuple[int, str, FoundObject, int]]:
        """A video's objects, by id in the order in which they were added: key, facts and how many masks have pixels."""
        asked = (
            "SELECT id, key, facts, (SELECT count(*) FROM masks WHERE object = objects.id AND area > 0)"
            " FROM objects WHERE video = ? ORDER BY id"
        )
        for object_id, key, facts, num_visible in self._file.execute(asked, (video_id,)).fetchall():
            found = FoundObject(**json.loads(facts))
            found.origin = Origin(found.origin)
            yield object_id, key, found, num_visible

    def masks(self, object_id: int) -> Iterator[FoundMask]:
        """An object's masks that stand in the files, by frame."""
        asked = (
            "SELECT number, counts, area, x, y, width, height, stability FROM masks WHERE object = ? ORDER BY number"
        )
        for number, counts, area, *box, stability in self._file.execute(asked, (object_id,)):
            yield FoundMask(number, CheckedMask(counts, area, None if box[0] is None else tuple(box)), stability)


def _require_plain(key: str) -> None:
    if not key.isprintable() or not 0 < len(key) <= _LONGEST_KEY:
        raise UnreadableDataset(f"The dataset calls a video or an object {key[:40]!r}, which is no name.")


def whole(
    found: FoundObject, masks: Iterable[FoundMask], annotated: Iterable[int], *, size: tuple[int, int]
) -> list[FoundMask]:
    """An object's masks with those that its absence means and without those on unknown frames, by frame.

    `size` is (height, width).
    """
    known = {mask.number: mask for mask in masks}
    if found.absent_elsewhere:
        absent = empty_mask(height=size[0], width=size[1])
        known = {number: FoundMask(number, absent) for number in annotated} | known
    return [
        known[number]
        for number in sorted(known)
        if known[number].mask.area or not any(first <= number <= last for first, last in found.unknown)
    ]


def stretches(numbers: list[int]) -> list[list[int]]:
    """Rising numbers as [first, last, step] of evenly spaced stretches."""
    found: list[list[int]] = []
    for number in numbers:
        if found and (found[-1][2] in (0, number - found[-1][1])):
            found[-1][1], found[-1][2] = number, number - found[-1][1]
        else:
            found.append([number, number, 0])
    return found


def spread(found: Iterable[Iterable[int]]) -> list[int]:
    """The numbers of such stretches."""
    return [number for first, last, step in found for number in range(first, last + 1, step or 1)]


def is_even(numbers: list[int]) -> bool:
    """Whether they are evenly spaced."""
    return len({after - before for before, after in pairwise(numbers)}) <= 1
