"""Choose what goes into a dataset, from one snapshot per video, and note what is left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.datasets import queries
from backend.datasets.formats.format import (
    ExportedMask,
    ExportedMasklet,
    ExportedVideo,
    FrameFiles,
    Overlaps,
    subset_of,
)
from backend.datasets.omissions import Omission
from backend.datasets.queries import CurrentMasks
from backend.jobs.context import JobContext
from backend.tables import Masklet, Video
from backend.tables.states import Origin, VerdictKind, VideoState, WorkState
from backend.videos.ready_video import ReadyVideo
from backend.videos.split import split_of


@dataclass(slots=True)
class Tally:
    """What was read so far: what had to be left out, the models, and when the newest mask was made."""

    left_out: list[Omission] = field(default_factory=list[Omission])
    models: set[str] = field(default_factory=set[str])
    changed_at: datetime | None = None

    def usable(self, videos: Sequence[Video]) -> list[Video]:
        """The videos that can be exported; the others are noted as left out, so that all are accounted for."""
        for video in videos:
            if video.state is not VideoState.ready:
                self.left_out.append(Omission.of_video(video, "videos_not_ready"))
            elif video.rejected_reason is not None:
                self.left_out.append(Omission.of_video(video, "rejected_videos"))
        return [each for each in videos if each.state is VideoState.ready and each.rejected_reason is None]

    def add(self, masks: CurrentMasks) -> None:
        """Note where an exported masklet's masks come from."""
        self.models |= masks.models
        if masks.changed_at is not None:
            self.changed_at = max(self.changed_at or masks.changed_at, masks.changed_at)


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a video is exported. Masklets that people began need masks of theirs on so many annotated frames."""

    only_satisfactory: bool
    frames_as: FrameFiles
    every_frame: bool = False
    min_edited_frames: int = 0
    splits: Collection[str] | None = None
    origins: Collection[Origin] | None = None
    empty_objects: bool = False
    overlaps: Overlaps = Overlaps.later_on_top

    def takes(self, split: str) -> bool:
        """Whether videos of this split are exported."""
        return self.splits is None or subset_of(split) in {subset_of(each) for each in self.splits}


async def read_video(context: JobContext, video: Video, tally: Tally, choice: Choice) -> ExportedVideo | None:
    """Read one video from a single snapshot. None if none of its masklets is exported."""
    stride = 1 if choice.every_frame else video.stride
    async with context.sessions() as session:
        # One snapshot for the whole video, so that it cannot contain half an undo.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        rules = await queries.rules_of(session, video.project_id)
        split = split_of(video, rules.shares)
        if not choice.takes(split):
            tally.left_out.append(Omission.of_video(video, "videos_of_other_splits"))
            return None
        chosen: list[ExportedMasklet] = []
        masklets = await queries.masklets_of(session, video.id)
        current = await queries.current_masks(session, video.id, [masklet.id for masklet in masklets])
        for masklet in masklets:
            of_masklet = current[masklet.id]
            masks, touched = of_masklet.masks, frozenset(of_masklet.touched)
            edited = sum(frame % video.stride == 0 for frame in touched)
            made_here = masklet.origin is Origin.manual and masklet.import_id is None
            easy = made_here and edited < choice.min_edited_frames
            origin = Origin.manual if touched else masklet.origin  # manual once a person worked on it
            other = choice.origins is not None and origin not in choice.origins
            reason = "masklets_of_other_origin" if other else None
            reason = reason or _by_verdict(masklet, only_satisfactory=choice.only_satisfactory)
            reason = reason or _by_masks(masks, stride, empty_objects=choice.empty_objects)
            reason = reason or ("masklets_too_easy" if easy else None)
            if reason is None:
                chosen.append(ExportedMasklet(masklet.id, masklet.number, masklet.name, origin, masks, touched))
                tally.add(of_masklet)
            else:
                tally.left_out.append(Omission.of_masklet(video.id, masklet, reason))
    if not chosen:
        reason = "videos_with_no_masklet_chosen" if masklets else "videos_without_masklets"
        tally.left_out.append(Omission.of_video(video, reason))
        return None
    ready = ReadyVideo.of(video)
    return ExportedVideo(
        id=video.id,
        name=video.name,
        width=ready.width,
        height=ready.height,
        num_frames=ready.num_frames,
        fps_num=ready.fps.numerator,
        fps_den=ready.fps.denominator,
        stride=stride,
        environment=video.environment,
        split=split,
        proxy=context.store.local_path(ready.proxy_key),
        masklets=chosen,
        frames_as=choice.frames_as,
        overlaps=choice.overlaps,
    )


def _by_verdict(masklet: Masklet, *, only_satisfactory: bool) -> str | None:
    """Why its verdict leaves a masklet out, or None."""
    if masklet.verdict is VerdictKind.rejected:
        return "rejected_masklets"
    automatic = masklet.origin is Origin.auto  # as in SA-V, where people verified every one
    if (automatic or only_satisfactory) and masklet.verdict is not VerdictKind.satisfactory:
        if masklet.work is WorkState.refining:
            return "unsatisfactory_masklets"
        return "unverified_automatic_masklets" if automatic else "unverified_masklets"
    return None


def _by_masks(masks: Mapping[int, ExportedMask], stride: int, *, empty_objects: bool) -> str | None:
    """Why its masks leave a masklet out, or None."""
    visible = [frame for frame, mask in masks.items() if mask.area > 0]
    if not visible:
        return None if empty_objects else "masklets_never_visible"
    on_grid = any(frame % stride == 0 for frame in visible)
    return None if on_grid else "masklets_visible_only_between_annotated_frames"
