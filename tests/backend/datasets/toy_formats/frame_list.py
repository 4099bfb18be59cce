"""Writes each video by itself: a list of the frames that have a mask."""

from collections.abc import Sequence

from backend.datasets.formats.format import ExportedFile, ExportedVideo, WrittenVideo


class FrameList:
    """Implements ExportFormat and its writer."""

    name = "frame_list"
    title = "Frame list"

    def writer(self) -> "FrameList":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        frames = sorted({frame for masklet in video.masklets for frame in masklet.masks})
        text = "\n".join(map(str, frames))
        return WrittenVideo([ExportedFile(f"{video.id}.txt", text.encode())], {"last_frame": frames[-1]})

    def finish(self) -> Sequence[ExportedFile]:
        return ()
