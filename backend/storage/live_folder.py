"""The paths in a folder while other processes write and delete there."""

import os
from collections.abc import Iterator
from pathlib import Path


def paths_in(folder: Path) -> Iterator[Path]:
    """Everything below a folder, parents before what lies in them. What is deleted meanwhile is left out.

    `Path.rglob` raises when a folder goes between being listed and being entered. Links are not followed.
    """
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(parent, name)


def files_in(folder: Path) -> Iterator[Path]:
    """All files below a folder, however deep."""
    return (path for path in paths_in(folder) if path.is_file())
