"""A frame source for any video: a file, or a folder of images, as frames by index in their display geometry.

This is the geometry of the application's video of record: upright, square pixels, one frame for each frame of the
source. Two things that a project may add are left out: its limit on the long side, and padding of odd sizes to even.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from av.container import InputContainer
from av.error import FFmpegError

from model_server.video.display_geometry import DisplayedFrames, DisplayGeometry
from model_server.video.frame_folder import FrameFolder
from model_server.video.lossless_copy import OPEN_OPTIONS, copy_losslessly
from model_server.video.reader import FrameReader, UnreadableVideo

_INDEXED_CONTAINERS = "mov,mp4,matroska,webm"
"""Containers that record when each frame is shown, and seek to key frames exactly."""
_CODECS_WITH_HIDDEN_FRAMES = {"vp8"}
"""Codecs in which a packet need not be a displayed frame."""

Frames = FrameFolder | FrameReader | DisplayedFrames
"""Each of them is a FrameSource."""


@contextmanager
def opened(path: Path, *, skip_damaged: bool = False) -> Generator[Frames]:
    """The video's frames, decoded on demand.

    They are read from the original if it allows access by index, else from a lossless copy in a temporary folder. So
    they are with `skip_damaged`, which skips frames that do not decode, as the application does.

    FileNotFoundError or UnreadableVideo; for a single damaged frame, the latter is raised only when it is read.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no video at {path}")
    if path.is_dir():
        yield FrameFolder(path)
        return
    with TemporaryDirectory(prefix="maskloom-") as folder:
        geometry = _indexed(path)
        if geometry is None or skip_damaged:
            copy = Path(folder) / "copy.mp4"
            copy_losslessly(path, copy)
            reader = frames = FrameReader(copy)
        else:
            reader = FrameReader(path, containers=_INDEXED_CONTAINERS)
            frames = DisplayedFrames(reader, geometry)
        try:
            yield frames
        finally:
            reader.close()


def _indexed(path: Path) -> DisplayGeometry | None:
    """The display geometry of a file whose frames can be accessed by index; None if it must be copied first."""
    try:
        with av.open(str(path), "r", options=OPEN_OPTIONS, metadata_errors="replace") as container:
            if not container.streams.video:
                raise UnreadableVideo(f"{path.name} has no video in it")
            if not _tells_frames_apart(container):
                return None
            container.seek(0)
            with suppress(FFmpegError):
                for frame in container.decode(video=0):
                    return DisplayGeometry.of(frame, container.streams.video[0].sample_aspect_ratio)
            return None
    except FFmpegError as error:
        raise UnreadableVideo(f"{path.name} is not a video that can be read: {error.strerror}") from error


def _tells_frames_apart(container: InputContainer) -> bool:
    if not set(_INDEXED_CONTAINERS.split(",")) & set(container.format.name.split(",")):
        return False
    if container.streams.video[0].codec_context.name in _CODECS_WITH_HIDDEN_FRAMES:
        return False
    times = [packet.pts for packet in container.demux(video=0) if packet.size and not packet.is_discard]
    return bool(times) and None not in times and len(set(times)) == len(times)
