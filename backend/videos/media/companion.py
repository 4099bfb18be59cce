"""Review packets while later frames are still being encoded, and check at the end that the file holds just these."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyAV's stubs leave the type parameters of codecs and packets open.

import re
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
from av import VideoFrame

from backend.videos.media.review import Eye, Review

_MOST_WAITING = 32  # packets, which are small
_START_CODE = re.compile(rb"\x00{2,3}\x01")


class Companion:
    """Decodes an encoder's packets on a thread of its own. Use it as a context."""

    def __init__(self, proxy: Path, num_frames: int) -> None:
        """`num_frames` are expected."""
        self._proxy = proxy
        self._num_frames = num_frames
        self._eye = Eye(proxy, num_frames)
        self._checksums: list[int] = []
        self._decoder: Any = None
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> "Companion":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def take(self, data: bytes, headers: bytes) -> None:
        """The next packet of the encoder, whose headers are those of its stream. AssertionError as for `review`."""
        self._waiting.append(self._thread.submit(self._look, data, headers))
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft().result()

    def review(self, rate: Fraction) -> Review | None:
        """What was seen in all packets, if they are what the finished file holds; None if somebody has to look again.

        Raises:
            AssertionError: a frame is damaged.
        """
        self._waiting.append(self._thread.submit(self._finish))
        while self._waiting:
            self._waiting.popleft().result()
        is_whole = len(self._eye.seen.luma_crc) == len(self._checksums) == self._num_frames
        return self._eye.seen if is_whole and list(_stored(self._proxy, rate)) == self._checksums else None

    def _look(self, data: bytes, headers: bytes) -> None:
        if self._decoder is None:
            self._decoder = av.CodecContext.create("h264", "r")
            self._decoder.extradata = headers
            self._decoder.thread_count = 1
        self._checksums.append(zlib.crc32(b"".join(_START_CODE.split(data)[1:])))
        self._decode(av.Packet(data))

    def _finish(self) -> None:
        if self._decoder is not None:
            self._decode(None)
            self._decoder = None

    def _decode(self, packet: "av.Packet[Any] | None") -> None:
        for frame in self._decoder.decode(packet):
            assert isinstance(frame, VideoFrame)
            self._eye.look(frame)


def _stored(proxy: Path, rate: Fraction) -> Iterator[int]:
    """The checksum of each packet of a file, for as long as packet i is shown at i / rate."""
    with av.open(str(proxy), "r", format="mov") as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for index, packet in enumerate(each for each in container.demux(stream) if each.size):
            if packet.pts is None or packet.pts * stream.time_base != index / rate:
                return
            yield zlib.crc32(b"".join(_units(bytes(packet))))


def _units(data: bytes) -> Iterator[bytes]:
    """The units of an MP4's packet, each of which stands behind its length."""
    at = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length
