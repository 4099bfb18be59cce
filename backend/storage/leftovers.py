"""The removal of files that no row of the database names, such as those of a process killed between the two."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import iglob
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions
from backend.storage.live_folder import files_in, paths_in

_log = structlog.get_logger()

Named = Mapping[UUID, Collection[str] | None]
"""The files of each row that exists, relative to the shelf. None: work is under way, so there may be others."""


@dataclass(frozen=True)
class Shelf:
    """Folders that are each named by the id of the row they belong to.

    `pattern` finds them below `folder`. `named` asks the database which of these rows exist, and which files they name.
    """

    folder: Path
    pattern: str
    named: Callable[[AsyncSession, Collection[UUID]], Awaitable[Named]]


async def clear(shelf: Shelf, sessions: Sessions, *, grace_seconds: float) -> int:
    """Delete what no row names and nobody has written to for `grace_seconds`. Returns the number of files.

    The grace is for files that are written before the row that names them is committed.
    """
    folders = await asyncio.to_thread(_quiet_folders, shelf, grace_seconds)
    if not folders:
        return 0
    async with sessions.begin() as session:
        named = await shelf.named(session, folders)
    doomed = [path for row_id, path in folders.items() if row_id not in named]
    for row_id, files in named.items():
        if files is not None:
            doomed += [path for path in files_in(folders[row_id]) if str(path.relative_to(shelf.folder)) not in files]
    removed = await asyncio.to_thread(_remove, doomed, shelf.folder)
    if removed:
        _log.info("leftovers.removed", folder=shelf.folder.name, files=removed)
    return removed


def _quiet_folders(shelf: Shelf, grace_seconds: float) -> dict[UUID, Path]:
    now = time.time()
    found: dict[UUID, Path] = {}
    for name in iglob(shelf.pattern, root_dir=shelf.folder):  # unlike a path's own, it skips what goes meanwhile
        folder = shelf.folder / name
        with suppress(ValueError):  # not ours
            if now - _written_at(folder) >= grace_seconds:
                found[UUID(folder.name)] = folder
    return found


def _remove(paths: Sequence[Path], root: Path) -> int:
    """Remove files and whole folders, and the empty folders that stay. Returns the number of files."""
    count = 0
    for path in paths:
        count += len(list(files_in(path))) if path.is_dir() else 1
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        _prune(path.parent, root)
    return count


def _prune(folder: Path, root: Path) -> None:
    while folder != root and folder.is_relative_to(root):
        try:
            folder.rmdir()
        except OSError:  # not empty
            return
        folder = folder.parent


def _written_at(folder: Path) -> float:
    times: list[float] = []
    for path in (folder, *paths_in(folder)):
        with suppress(FileNotFoundError):  # its owner is deleting it at this moment
            times.append(path.lstat().st_mtime)
    return max(times, default=time.time())
