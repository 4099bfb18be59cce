"""A frame source for any video: a file, or a folder of images, as frames by index in their display geometry.

This is the geometry of the application's video of record: upright, square pixels, one frame for each frame of the
source, made whole if it was interlaced, and in standard range. Two things that a project may add are left out: its
limit on the long side, and padding of odd sizes to even.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError

from model_server.pictures.tone_map import HighRange
from model_server.video.display_geometry import DisplayedFrames, DisplayGeometry
from model_server.video.frame_folder import FrameFolder
from model_server.video.lossless_copy import OPEN_OPTIONS, copy_losslessly
from model_server.video.reader import FrameReader, UnreadableVideo

_INDEXED_CONTAINERS = "mov,mp4,matroska,webm"
"""Containers that record when each frame is shown, and seek to key frames exactly."""
_CODECS_WITH_HIDDEN_FRAMES = {"vp8"}
"""Codecs in which a packet need not be a displayed frame."""
_WITHOUT_FIELDS = {"av1", "vp9", "mjpeg"}
_PROFILES_WITHOUT_FIELDS = {"Baseline", "Constrained Baseline"}  # of H.264, so of every video of record
_UNKNOWN, _PROGRESSIVE = 0, 1  # orders of fields

Frames = FrameFolder | FrameReader | DisplayedFrames
"""Each of them is a FrameSource."""


@contextmanager
def opened(path: Path, *, skip_damaged: bool = False) -> Generator[Frames]:
    """The video's frames, decoded on demand.

    They are read from the original if it allows access by index and its pictures need only be turned upright. Else they
    are read from a lossless copy in a temporary folder, as also with `skip_damaged`, which skips frames that do not
    decode, as the application does.

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
            if not _tells_frames_apart(container) or _has_fields(container):
                return None
            first = next(_from_start(container), None)
            if first is None or HighRange.of(first) is not None:
                return None
            return DisplayGeometry.of(first, container.streams.video[0].sample_aspect_ratio)
    except FFmpegError as error:
        raise UnreadableVideo(f"{path.name} is not a video that can be read: {error.strerror}") from error


def _tells_frames_apart(container: InputContainer) -> bool:
    if not set(_INDEXED_CONTAINERS.split(",")) & set(container.format.name.split(",")):
        return False
    if container.streams.video[0].codec_context.name in _CODECS_WITH_HIDDEN_FRAMES:
        return False
    times = [packet.pts for packet in container.demux(video=0) if packet.size and not packet.is_discard]
    return bool(times) and None not in times and len(set(times)) == len(times)


def _has_fields(container: InputContainer) -> bool:
    """Whether the stream, or a key frame of it, says that its pictures are interlaced."""
    codec = container.streams.video[0].codec_context
    if codec.name in _WITHOUT_FIELDS or codec.profile in _PROFILES_WITHOUT_FIELDS:
        return False
    if codec.field_order not in (_UNKNOWN, _PROGRESSIVE):
        return True
    codec.skip_frame = "NONKEY"
    try:
        return any(frame.interlaced_frame for frame in _from_start(container))
    finally:
        codec.skip_frame = "DEFAULT"


def _from_start(container: InputContainer) -> Iterator[VideoFrame]:
    """The frames up to the end, or to the first that does not decode."""
    container.seek(0)
    with suppress(FFmpegError):
        yield from container.decode(video=0)
