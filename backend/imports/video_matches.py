"""Which video here is meant by a video of a dataset, and whether its frames and size are the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal
from uuid import UUID

from backend.imports.survey import FramesUnclear, SurveyedVideo, frame_indexes
from backend.tables import Video
from backend.tables.states import VideoState
from backend.videos.ready_video import ReadyVideo

MatchedBy = Literal["person", "uuid", "file", "name"]
"""How it was found out which video is meant: it was exported from this very one, is the same file, or is called so."""


@dataclass(slots=True)
class VideoMatch:
    """A video of a dataset, and the one here that is meant. `fault` is why nothing of it can be imported: a clause."""

    found: SurveyedVideo
    video: Video | None = None
    by: MatchedBy | None = None
    fault: str | None = None
    indexes: dict[int, int] = field(default_factory=dict[int, int])  # frame indexes here by the dataset's numbers


def match_videos(
    surveyed: Sequence[SurveyedVideo], videos: Sequence[Video], chosen: Mapping[str, UUID | None]
) -> list[VideoMatch]:
    """Match a dataset's videos to a project's. What a person has chosen, also that none is meant, stands."""
    known = _Known(videos)
    matches = [_match(found, known, chosen) for found in surveyed]
    taken: dict[UUID, str] = {}
    for match in matches:
        if match.video is None or match.fault is not None:
            continue
        other = taken.setdefault(match.video.id, match.found.key)
        if other != match.found.key:
            match.fault = f"{match.video.name} already gets what the dataset has of video {other}"
            continue
        match.fault = _fault(match, match.video)
    return matches


class _Known:
    """A project's videos by all that can tell them."""

    def __init__(self, videos: Sequence[Video]) -> None:
        self.by_id = {video.id: video for video in videos}
        self.by_digest: dict[str, list[Video]] = {}
        self.by_name: dict[str, list[Video]] = {}
        for video in videos:
            for digest in {video.proxy_sha256, video.source_sha256} - {None}:
                self.by_digest.setdefault(str(digest), []).append(video)
            for name in {video.name, _stem(video.name)}:
                self.by_name.setdefault(name, []).append(video)

    def named(self, found: SurveyedVideo) -> list[Video]:
        """Those of the same name or, if there are none, of the same name without its ending."""
        return next((self.by_name[name] for name in _names(found) if name in self.by_name), list[Video]())


def _names(found: SurveyedVideo) -> list[str]:
    return [*found.names, *map(_stem, found.names)]


def _stem(name: str) -> str:
    return PurePath(name).stem.casefold()


def _match(found: SurveyedVideo, known: _Known, chosen: Mapping[str, UUID | None]) -> VideoMatch:
    if found.key in chosen:
        video_id = chosen[found.key]
        if video_id is None:
            return VideoMatch(found, by="person", fault="you left it out")
        if (video := known.by_id.get(video_id)) is not None:
            return VideoMatch(found, video, "person")
    if (video := known.by_id.get(_uuid(found))) is not None:
        return VideoMatch(found, video, "uuid")
    alike: tuple[tuple[MatchedBy, list[Video]], ...] = (
        ("file", known.by_digest.get(found.sha256 or "", [])),
        ("name", known.named(found)),
    )
    for by, called in alike:
        fits = called if len(called) == 1 else [each for each in called if _fault(VideoMatch(found), each) is None]
        if len(fits) == 1:
            return VideoMatch(found, fits[0], by)
        if called:
            return VideoMatch(found, fault=f"{len(called)} videos here could be meant: choose one")
    return VideoMatch(found, fault="no video here is called so")


def _uuid(found: SurveyedVideo) -> UUID:
    try:
        return UUID(found.uuid or "")
    except ValueError:
        return UUID(int=0)


def _fault(match: VideoMatch, video: Video) -> str | None:
    """Why a video here cannot be the one that is meant, or None, and then its frames are in the match."""
    if video.state is not VideoState.ready:
        return f"{video.name} is not ready"
    if video.rejected_reason is not None:
        return f"{video.name} was rejected"
    ready, found = ReadyVideo.of(video), match.found
    size = (found.width or ready.width, found.height or ready.height)
    if size != (ready.width, ready.height):
        return f"its masks are {size[0]} x {size[1]} pixels, and {video.name} is {ready.width} x {ready.height}"
    try:
        match.indexes = frame_indexes(found, ready.num_frames)
    except FramesUnclear as problem:
        return str(problem)
    return None if found.num_objects else "it has no object with a mask"
