"""Random access to the frames of a video of record.

The container's packets are listed once, without decoding: frame i has the i-th presentation time. To reach a frame, the
reader seeks to the key frame at or before it and decodes from there, or decodes on if the frame is ahead in the same
group of pictures. Videos of record have a key frame at least every 24 frames, which keeps seeks short.
"""

import logging
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from model_server.video.decoded_frames import DecodedFrames

_MAX_PIXELS = 8192 * 4320
_CONTAINERS = "mov,mp4"  # of a video of record
_CODEC = "h264"  # of a video of record; what claims to be one may have been made by a decoder that was taken over
_OPEN_OPTIONS = {"protocol_whitelist": "file", "enable_drefs": "0"}

logging.getLogger("libav").setLevel(logging.CRITICAL)


class UnreadableVideo(ValueError):
    """The file is not a video that this reader can decode, or not the one that was expected."""


class FrameReader:
    """Frames of one video file by index (a FrameSource). Thread-safe: calls are serialised by a lock."""

    def __init__(self, path: Path, *, max_cached_bytes: int = 128 * 2**20, containers: str = _CONTAINERS) -> None:
        """`containers` names the demuxers that may open the file, separated by commas. UnreadableVideo."""
        self._path = path
        self._lock = threading.Lock()
        self._decoded = DecodedFrames(max_cached_bytes)
        # One converter for all frames: a frame's own would stay with it, and hang if two threads shared the frame.
        self._to_rgb = VideoReformatter()
        self._container, self._stream = _open(path, containers)
        try:
            self._pts, self._key_pts = _frame_table(self._container)
        except FFmpegError as error:
            self._container.close()
            raise UnreadableVideo(f"{path.name}: {error.strerror}") from error
        if not self._key_pts:
            self._container.close()
            raise UnreadableVideo(f"{path.name} has no frames that start with a key frame")
        self.num_frames = len(self._pts)
        self.height = self._stream.height
        self.width = self._stream.width
        self._frames: Iterator[VideoFrame] = iter(())
        self._next = self.num_frames  # index of the next frame of `_frames`; past the end: a seek is needed

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, full-range RGB. ValueError outside the video, UnreadableVideo for a damaged frame."""
        if not 0 <= frame_index < self.num_frames:
            raise ValueError(f"frame {frame_index} is outside a video of {self.num_frames} frames")
        with self._lock:
            frame = self._decoded.get(frame_index) or self._decode(frame_index)
            picture = self._to_rgb.reformat(frame, format="rgb24", threads=1)
        return cast("NDArray[np.uint8]", picture.to_ndarray())

    def close(self) -> None:
        """Close the file and drop the decoded frames. The reader cannot be used afterwards."""
        with self._lock:
            self._frames, self._next = iter(()), self.num_frames
            self._decoded.clear()
            self._container.close()

    def cached_bytes(self) -> int:
        """The size of the cached decoded frames."""
        return self._decoded.num_bytes

    def _decode(self, frame_index: int) -> VideoFrame:
        try:
            if not self._reaches(frame_index):
                self._seek(frame_index)
            for frame in self._frames:
                index = bisect_left(self._pts, frame.pts if frame.pts is not None else -1)
                self._next = index + 1
                self._decoded.put(index, frame)
                if index == frame_index:
                    return frame
                if index > frame_index:
                    break
        except FFmpegError as error:
            self._next = self.num_frames
            raise UnreadableVideo(f"{self._path.name}, frame {frame_index}: {error.strerror}") from error
        self._next = self.num_frames
        raise UnreadableVideo(f"{self._path.name} is damaged: frame {frame_index} cannot be decoded")

    def _reaches(self, frame_index: int) -> bool:
        """Whether decoding on gets there no later than a seek: without passing a key frame on the way."""
        if self._next > frame_index:
            return False
        return self._key_before(frame_index) <= self._pts[self._next]

    def _key_before(self, frame_index: int) -> int:
        return self._key_pts[max(0, bisect_right(self._key_pts, self._pts[frame_index]) - 1)]

    def _seek(self, frame_index: int) -> None:
        self._container.seek(self._key_before(frame_index), stream=self._stream, backward=True)
        self._frames = self._container.decode(self._stream)


def _open(path: Path, containers: str) -> tuple[InputContainer, av.VideoStream]:
    try:
        limits = {"format_whitelist": containers} | ({"codec_whitelist": _CODEC} if containers == _CONTAINERS else {})
        container = av.open(str(path), "r", options={**_OPEN_OPTIONS, **limits})
    except FFmpegError as error:
        raise UnreadableVideo(f"{path.name} cannot be opened as {containers}: {error.strerror}") from error
    if not container.streams.video:
        container.close()
        raise UnreadableVideo(f"{path.name} has no video in it")
    stream = container.streams.video[0]
    if containers == _CONTAINERS and stream.codec_context.name != _CODEC:
        container.close()
        raise UnreadableVideo(f"{path.name} is no video of record: its codec is {stream.codec_context.name}")
    stream.codec_context.options = {"max_pixels": str(_MAX_PIXELS)}
    # One decoding thread: frame threads delay frames after every seek, and the cores are the network's.
    stream.codec_context.thread_count = 1
    return container, stream


def _frame_table(container: InputContainer) -> tuple[list[int], list[int]]:
    """Presentation times of all frames and of the key frames, ascending, in the stream's time base."""
    times: list[int] = []
    key_times: list[int] = []
    for packet in container.demux(video=0):
        if packet.pts is None or packet.size == 0 or packet.is_discard:
            continue
        times.append(packet.pts)
        if packet.is_keyframe:
            key_times.append(packet.pts)
    return sorted(times), sorted(key_times)
