"""The frames decoded lately, least recently used dropped first."""

from collections import OrderedDict

from av import VideoFrame


class DecodedFrames:
    """Frames by index under a byte cap, kept in the decoder's YUV 4:2:0: half the bytes of RGB.

    Walking backward needs this: reaching frame i decodes every frame since its key frame, and those are next.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: OrderedDict[int, VideoFrame] = OrderedDict()
        self.num_bytes = 0

    def get(self, frame_index: int) -> VideoFrame | None:
        """The frame, now the most recently used one; None when it is not here."""
        frame = self._frames.get(frame_index)
        if frame is not None:
            self._frames.move_to_end(frame_index)
        return frame

    def put(self, frame_index: int, frame: VideoFrame) -> None:
        """Keep the frame; the cap holds afterwards, except that the newest frame always stays."""
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
