"""Clips with ground truth: finding them in a folder, and opening their videos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from model_server.evaluation.clip_folder import ClipFolder, read_clip
from model_server.evaluation.sa_v_clip import MANUAL, read_sa_v, video_of
from model_server.video.source import Frames, opened


class NoClips(Exception):
    """The folder holds no clip with ground truth; the message says what a clip is."""


def find_clips(folder: Path) -> Iterator[ClipFolder]:
    """The clip that the folder is, or those it holds, sorted by name. NoClips if there is none."""
    annotations = [path for path in sorted(folder.glob(f"*{MANUAL}")) if video_of(path).is_file()]
    candidates = [folder, *(sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else [])]
    clips = [path for path in candidates if (path / "video.mp4").is_file() or (path / "frames").is_dir()]
    if not clips and not annotations:
        raise NoClips(
            f"{folder} is no clip and holds none: a clip has video.mp4 or frames/ and masks beside it, "
            f"or is VIDEO.mp4 with VIDEO{MANUAL}"
        )
    for path in annotations:
        yield read_sa_v(path)
    for path in clips:
        try:
            yield read_clip(path)
        except FileNotFoundError as error:
            raise NoClips(str(error)) from error


def open_clip(clip: ClipFolder) -> AbstractContextManager[Frames]:
    """The clip's frames by index; see `opened` for errors."""
    return opened(clip.video if clip.video.exists() else clip.video.parent / "frames")
