"""Folders of work in progress, and the removal of those whose process was killed."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

_ABANDONED_AFTER_SECONDS = 24 * 3600.0  # longer than any upload, ingest or export takes


def sweep(folder: Path, *, older_than_seconds: float = _ABANDONED_AFTER_SECONDS) -> int:
    """Delete entries that nobody has written to for this long. Returns their number.

    Younger ones may belong to other backends that are at work.
    """
    entries = list(folder.iterdir()) if folder.exists() else []
    abandoned = [entry for entry in entries if time.time() - _written_at(entry) > older_than_seconds]
    for entry in abandoned:
        shutil.rmtree(entry, ignore_errors=True)
    return len(abandoned)


def make_anew(folder: Path) -> None:
    """Create a folder, or empty it if an earlier attempt left something in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _written_at(folder: Path) -> float:
    times: list[float] = []
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # its owner is deleting it at this moment
            times.append(path.lstat().st_mtime)
    return max(times, default=time.time())
