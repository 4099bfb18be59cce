"""Folders of work in progress on disk, and those that nobody will finish because their process was killed."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

_ABANDONED_AFTER_SECONDS = 24 * 3600.0  # longer than any upload, ingest or export that still goes on


def sweep(folder: Path, *, older_than_seconds: float = _ABANDONED_AFTER_SECONDS) -> int:
    """Delete what nobody has written to for so long; how many things. Other backends may work beside us."""
    entries = list(folder.iterdir()) if folder.exists() else []
    abandoned = [entry for entry in entries if time.time() - _written_at(entry) > older_than_seconds]
    for entry in abandoned:
        shutil.rmtree(entry, ignore_errors=True)
    return len(abandoned)


def make_anew(folder: Path) -> None:
    """An empty folder, whatever an attempt before this one left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _written_at(folder: Path) -> float:
    times: list[float] = []
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # somebody is tidying up after themselves
            times.append(path.lstat().st_mtime)
    return max(times, default=time.time())
