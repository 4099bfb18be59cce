"""The frame count and size of an ingested video, and the check of a frame index."""

from backend.annotation.record.problems import FrameOutOfRange
from backend.tables import Video
from backend.videos.ready_video import ReadyVideo


def num_frames(video: Video) -> int:
    """The number of frames of an ingested video."""
    return ReadyVideo.of(video).num_frames


def frame_size(video: Video) -> tuple[int, int]:
    """(height, width) of an ingested video, in pixels."""
    ready = ReadyVideo.of(video)
    return ready.height, ready.width


def check_frame(video: Video, frame_index: int) -> None:
    """Check a 0-based frame index.

    Raises:
        FrameOutOfRange: the video ends before that frame.
    """
    if frame_index >= num_frames(video):
        raise FrameOutOfRange(f"The video has {num_frames(video)} frames.")
