"""Clips with ground truth, found in a folder and opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from model_server.evaluation.clip_folder import ClipFolder, read_clip
from model_server.video.opening import Frames, opened


class NoClips(Exception):
    """The folder holds no clip with ground truth."""


def find_clips(folder: Path) -> Iterator[ClipFolder]:
    """The clip the folder is, or those it holds, in order of their names. Raises NoClips."""
    candidates = [folder, *(sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else [])]
    clips = [path for path in candidates if (path / "video.mp4").is_file() or (path / "frames").is_dir()]
    if not clips:
        raise NoClips(f"{folder} is no clip and holds none: a clip has video.mp4 or frames/, and masks beside it")
    for path in clips:
        try:
            yield read_clip(path)
        except FileNotFoundError as error:
            raise NoClips(str(error)) from error


def open_clip(clip: ClipFolder) -> AbstractContextManager[Frames]:
    """Its frames by index."""
    return opened(clip.video if clip.video.is_file() else clip.video.parent / "frames")
