"""How much room the disks under a data folder have left."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend.outage import DiskFull, outage_of

NO_ROOM = "No space left on device"
"""What programs say then."""
_PLACES = ("", "objects", "staging", "postgres/cluster", "postgres/cluster/base", "postgres/cluster/pg_wal")
_FULL_BYTES = 24 * 1024**2  # Postgres takes its log in files of 16 MiB
_RESERVED_BYTES = 512 * 1024**2
_SHARE = 20  # of a small disk, a twentieth is enough


@dataclass(frozen=True, slots=True)
class FullDisk:
    """A disk without room for what Maskloom stores."""

    folder: Path
    free_bytes: int

    def __str__(self) -> str:
        return f"the disk of {self.folder} is full ({self.free_bytes // 1024**2} MB free)"


def full_disk(data_dir: Path) -> FullDisk | None:
    """The first of the data folder's disks that is full; None if there is room. Its parts may be mounted elsewhere."""
    for place in _PLACES:
        with suppress(OSError):
            usage = shutil.disk_usage(data_dir / place)
            if usage.free < min(_FULL_BYTES, usage.total // _SHARE):
                return FullDisk(data_dir / place, usage.free)
    return None


def room_for(folder: Path, num_bytes: int) -> bool:
    """Whether a file of this size leaves the room that the database and people's edits need."""
    with suppress(OSError):
        usage = shutil.disk_usage(folder)
        return usage.free - num_bytes >= min(_RESERVED_BYTES, usage.total // _SHARE)
    return True


def tells_of_full_disk(error: BaseException) -> bool:
    """Whether an error is that a disk is full: the system's, Postgres's, or in the words of a program of ours."""
    return isinstance(outage_of(error), DiskFull) or NO_ROOM in str(error)
