"""Folders of work in progress. A folder is locked by whoever works in it, and swept once that process is dead."""

import asyncio
import fcntl
import os
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

_MADE_JUST_NOW_SECONDS = 60.0  # between making a folder and locking it


@asynccontextmanager
async def work_folder(folder: Path) -> AsyncGenerator[Path]:
    """An empty folder while the block lasts. The kernel gives up its lock when this process dies, however it dies."""
    descriptor = await asyncio.to_thread(_make_and_lock, folder)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        os.close(descriptor)


def sweep(staging: Path) -> int:
    """Delete the folders that nobody works in any more. Returns their number."""
    abandoned = [entry for entry in (staging.iterdir() if staging.exists() else ()) if not _is_in_use(entry)]
    for entry in abandoned:
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    return len(abandoned)


def empty(folder: Path) -> None:
    """Delete what lies in a work folder, and keep the folder with its lock."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _make_and_lock(folder: Path) -> int:
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier attempt left
    folder.mkdir(parents=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # not inherited by the programs that work in it
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _is_in_use(entry: Path) -> bool:
    try:
        descriptor = os.open(entry, os.O_RDONLY)
    except FileNotFoundError:
        return True  # its owner is deleting it at this moment
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return time.time() - os.fstat(descriptor).st_mtime < _MADE_JUST_NOW_SECONDS
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
