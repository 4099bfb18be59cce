"""A cache of decoded frames that drops the least recently used."""

from collections import OrderedDict

from av import VideoFrame


class DecodedFrames:
    """Frames by index within a byte limit, kept in the decoder's YUV 4:2:0, half the size of RGB.

    Going backward depends on it: reaching frame i decodes every frame since its key frame, and those are needed next.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: OrderedDict[int, VideoFrame] = OrderedDict()
        self.num_bytes = 0

    def get(self, frame_index: int) -> VideoFrame | None:
        """The frame, which becomes the most recently used one; None if it is not cached."""
        frame = self._frames.get(frame_index)
        if frame is not None:
            self._frames.move_to_end(frame_index)
        return frame

    def put(self, frame_index: int, frame: VideoFrame) -> None:
        """Cache the frame and drop others to stay within the limit; the newest frame always stays."""
        if frame_index in self._frames:
            self._frames.move_to_end(frame_index)
            return
        self._frames[frame_index] = frame
        self.num_bytes += _num_bytes(frame)
        while self.num_bytes > self._max_bytes and len(self._frames) > 1:
            _, dropped = self._frames.popitem(last=False)
            self.num_bytes -= _num_bytes(dropped)

    def clear(self) -> None:
        """Drop everything."""
        self._frames.clear()
        self.num_bytes = 0


def _num_bytes(frame: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
