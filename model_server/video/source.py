"""Any video - a file, or a folder of pictures - as frames by index, in the geometry in which it is to be shown.

That geometry is the one of the application's video of record: upright, with square pixels, one frame for each of the
source's. What a project may add to it, a cap on the long side and a line that makes odd sizes even, is left out here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from av.container import InputContainer
from av.error import FFmpegError

from model_server.video.display_geometry import Appearance, ShownFrames
from model_server.video.frame_folder import FrameFolder
from model_server.video.lossless_copy import OPEN_OPTIONS, copy_losslessly
from model_server.video.reader import FrameReader, UnreadableVideo

_INDEXED_CONTAINERS = "mov,mp4,matroska,webm"
"""Those that say when each frame is shown, and find a key frame exactly."""
_CODECS_WITH_HIDDEN_FRAMES = {"vp8"}
"""A packet of theirs need not be a frame."""

Frames = FrameFolder | FrameReader | ShownFrames
"""Each is a FrameSource."""


@contextmanager
def opened(path: Path, *, skip_damaged: bool = False) -> Iterator[Frames]:
    """The video's frames, read where they are, lazily; through a lossless copy in a temporary folder where the file
    does not allow that, or with `skip_damaged`: then frames that do not decode are left out, as the application does.

    FileNotFoundError, or UnreadableVideo; a frame that turns out to be damaged raises that only when it is read.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no video at {path}")
    if path.is_dir():
        yield FrameFolder(path)
        return
    with TemporaryDirectory(prefix="maskloom-") as folder:
        appearance = _indexed(path)
        if appearance is None or skip_damaged:
            copy = Path(folder) / "copy.mp4"
            copy_losslessly(path, copy)
            reader = frames = FrameReader(copy)
        else:
            reader = FrameReader(path, containers=_INDEXED_CONTAINERS)
            frames = ShownFrames(reader, appearance)
        try:
            yield frames
        finally:
            reader.close()


def _indexed(path: Path) -> Appearance | None:
    """How the file is to be shown, if its frames can be reached by index; None where it must be copied first."""
    try:
        with av.open(str(path), "r", options=OPEN_OPTIONS, metadata_errors="replace") as container:
            if not container.streams.video:
                raise UnreadableVideo(f"{path.name} has no video in it")
            if not _tells_frames_apart(container):
                return None
            container.seek(0)
            with suppress(FFmpegError):
                for frame in container.decode(video=0):
                    return Appearance.of(frame, container.streams.video[0].sample_aspect_ratio)
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
