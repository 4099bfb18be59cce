"""A lossless copy of a video whose frames cannot be accessed by index in the original."""

# PyAV's streams and packets are generic, and its methods do not say in what.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av import VideoFrame
from av.error import FFmpegError

from model_server.pictures.fields import whole_pictures
from model_server.pictures.tone_map import HighRange, ToneMapper
from model_server.video.display_geometry import DisplayGeometry, Picture
from model_server.video.reader import UnreadableVideo

CONTAINERS = (
    "mov,mp4,matroska,webm,avi,mpegts,gif,flv,mpeg,ogg,asf,mxf,mpegvideo,m4v,h264,hevc,ivf,yuv4mpegpipe,dv,apng"
)
"""Containers that hold all their frames; playlists are left out, since they would open other files and URLs."""
OPEN_OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file", "enable_drefs": "0"}
_KEY_FRAME_INTERVAL = 24
_ENCODER_OPTIONS = {"qp": "0", "preset": "ultrafast", "bf": "0", "g": str(_KEY_FRAME_INTERVAL), "sc_threshold": "0"}


def copy_losslessly(path: Path, target: Path) -> None:
    """Write an MP4 with every frame that decodes, in presentation order and display geometry.

    Interlaced frames are made whole, and high dynamic range becomes standard range, as in a video of record.

    UnreadableVideo if there is none.
    """
    num_frames = 0
    with av.open(str(target), "w", format="mp4") as output:
        stream = output.add_stream("libx264rgb", rate=25, options=_ENCODER_OPTIONS)
        stream.pix_fmt = "rgb24"
        for num_frames, picture in enumerate(_displayed(path, target.parent), 1):
            if num_frames == 1:
                stream.height, stream.width = picture.height, picture.width
            picture.pts, picture.time_base = num_frames - 1, Fraction(1, 25)
            output.mux(stream.encode(picture))
        if num_frames:
            output.mux(stream.encode(None))
    if not num_frames:
        raise UnreadableVideo(f"{path.name} has no frame that can be decoded")


def _displayed(path: Path, folder: Path) -> Iterator[VideoFrame]:
    geometry: DisplayGeometry | None = None
    mapper: ToneMapper | None = None
    with av.open(str(path), "r", options=OPEN_OPTIONS, metadata_errors="replace") as container:
        stream = container.streams.video[0]
        for frame in whole_pictures(_decoded(container.demux(stream)), stream.codec_context.name):
            if geometry is None:
                geometry = DisplayGeometry.of(frame, stream.sample_aspect_ratio)
                kind = HighRange.of(frame)
                mapper = None if kind is None else ToneMapper(kind, size=(frame.width, frame.height), folder=folder)
            mapped = frame if mapper is None else mapper.map(frame)
            picture = geometry.apply(cast("Picture", mapped.to_ndarray(format="rgb24")))
            yield VideoFrame.from_ndarray(picture, format="rgb24")


def _decoded(packets: Iterator[av.Packet[Any]]) -> Iterator[VideoFrame]:
    """The frames that decode. Damaged packets are skipped, and the file may be truncated."""
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        try:
            for frame in packet.decode():
                if isinstance(frame, VideoFrame):
                    yield frame
        except FFmpegError:
            continue
