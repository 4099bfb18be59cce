"""A video whose ingest is done, with the columns that are null in the rows of other videos."""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from backend.tables import Video
from backend.tables.states import VideoState
from backend.videos.problems import VideoNotReady


@dataclass(frozen=True, slots=True)
class ReadyVideo:
    """A video of record. Width and height are in pixels; every `stride`-th frame, from 0, is on the annotation grid."""

    id: UUID
    width: int
    height: int
    num_frames: int
    fps: Fraction
    stride: int
    proxy_key: str

    @classmethod
    def of(cls, video: Video) -> "ReadyVideo":
        """The ready video that a row describes.

        Raises:
            VideoNotReady: its ingest is not done, or failed.
        """
        if (
            video.state is not VideoState.ready
            or not (video.width and video.height and video.num_frames)
            or not (video.fps_num and video.fps_den and video.proxy_key)
        ):
            raise VideoNotReady
        return cls(
            id=video.id,
            width=video.width,
            height=video.height,
            num_frames=video.num_frames,
            fps=Fraction(video.fps_num, video.fps_den),
            stride=video.stride,
            proxy_key=video.proxy_key,
        )

    @property
    def num_grid_frames(self) -> int:
        """The number of frames on the annotation grid."""
        return -(-self.num_frames // self.stride)
