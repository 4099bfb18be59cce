"""The location of videos: inside the data directory."""

from pathlib import Path


class OutsideDataDirectory(ValueError):
    """The path leads out of the data directory."""


def resolve_inside(data_dir: Path, path: str) -> Path:
    """The real path of `path` (absolute, or relative to `data_dir`), links followed.

    OutsideDataDirectory unless it lies in `data_dir`.
    """
    root = data_dir.resolve()
    if "\0" in path:
        raise OutsideDataDirectory("a path has no NUL in it")
    resolved = (root / path).resolve()
    if not resolved.is_relative_to(root):
        raise OutsideDataDirectory(f"{path} is outside the data directory")
    return resolved
