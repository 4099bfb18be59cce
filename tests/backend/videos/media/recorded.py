"""Drawn clips in many kinds of files, and the transcoder run on them directly."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from backend.settings import Settings
from backend.videos.media.protocol import PROXY, Made
from backend.videos.media.transcoder import transcode
from backend.videos.media_process import options_from
from tests.clips import HEIGHT, WIDTH, draw_frame, read_index

KINDS: dict[str, tuple[str, str]] = {  # suffix: muxer and encoder
    "mp4": ("mp4", "libx264"),
    "mov": ("mov", "mpeg4"),
    "mkv": ("matroska", "libx265"),
    "webm": ("webm", "libvpx-vp9"),
    "avi": ("avi", "mpeg4"),
    "ts": ("mpegts", "libx264"),
    "mpg": ("vob", "mpeg2video"),
    "mxf": ("mxf", "mpeg2video"),
    "m1v": ("mpeg1video", "mpeg1video"),
    "m2v": ("mpeg2video", "mpeg2video"),
    "m4v": ("m4v", "mpeg4"),
    "h264": ("h264", "libx264"),
    "hevc": ("hevc", "libx265"),
    "wmv": ("asf", "wmv2"),
    "flv": ("flv", "libx264"),
    "ivf": ("ivf", "libvpx-vp9"),
    "y4m": ("yuv4mpegpipe", "wrapped_avframe"),
    "apng": ("apng", "apng"),
    "gif": ("gif", "gif"),
}
QUIET = {"libx265": {"x265-params": "log-level=none"}, "libx264": {"bf": "2", "g": "12"}}


def record(path: Path, num_frames: int = 30, *, rate: Fraction = Fraction(25)) -> Path:
    """A drawn clip in the kind of file that the suffix names."""
    muxer, encoder = KINDS[path.suffix[1:]]
    pixels = {"apng": "rgb24", "gif": "rgb8"}.get(encoder, "yuv420p")
    with av.open(str(path), "w", format=muxer) as output:
        stream = output.add_stream(encoder, rate=rate, options=QUIET.get(encoder, {}))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        stream.bit_rate = 2_000_000
        for index in range(num_frames):
            frame = av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = index, 1 / rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def ingested(path: Path, folder: Path, *, long_side: int = 1920) -> Made:
    """What the media program would make of the file."""
    folder.mkdir(exist_ok=True)
    return transcode(path, folder, options_from(Settings(), long_side=long_side), lambda done, total, rate: None)


def pictures(folder: Path) -> list[np.ndarray]:
    """The proxy's frames, (H, W, 3) uint8 RGB."""
    with av.open(str(folder / PROXY)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def indices(folder: Path) -> list[int]:
    """The bar codes that the proxy's frames show."""
    return [read_index(picture) for picture in pictures(folder)]
