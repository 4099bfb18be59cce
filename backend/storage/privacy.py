"""A data folder that only its owner can enter."""

import os
from contextlib import suppress
from pathlib import Path

from backend.storage.live_folder import paths_in

_OTHERS = 0o077


def make_private(folder: Path) -> None:
    """Take everybody else's rights to a folder and all that is in it, unless that was done before."""
    if not _is_open(folder):
        return
    for path in (folder, *paths_in(folder)):
        with suppress(FileNotFoundError, PermissionError):  # gone by now, or another user's
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~_OTHERS)


def _is_open(folder: Path) -> bool:
    return bool(os.stat(folder).st_mode & _OTHERS)
