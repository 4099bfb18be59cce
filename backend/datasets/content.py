"""Choose what goes into a dataset, from one snapshot per video, and count what is left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.datasets import queries
from backend.datasets.formats.format import ExportedMasklet, ExportedVideo
from backend.jobs.context import JobContext
from backend.tables import Masklet, Video
from backend.tables.states import Origin, VerdictKind, VideoState, WorkState
from backend.videos.ready_video import ReadyVideo
from backend.videos.split import split_of


@dataclass(slots=True)
class Tally:
    """The videos written so far, and counts of what was left out."""

    videos: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    left_out: Counter[str] = field(default_factory=Counter[str])
    models: set[str] = field(default_factory=set[str])

    def usable(self, videos: Sequence[Video]) -> list[Video]:
        """The videos that can be exported; the others are counted as left out, so that all are accounted for."""
        for video in videos:
            if video.state is not VideoState.ready:
                self.left_out["videos_not_ready"] += 1
            elif video.rejected_reason is not None:
                self.left_out["rejected_videos"] += 1
        return [each for each in videos if each.state is VideoState.ready and each.rejected_reason is None]

    def report(self) -> dict[str, Any]:
        counted = ("num_masklets", "num_annotated_frames", "num_masks", "num_absent", "num_unknown")
        totals = {name: sum(video[name] for video in self.videos) for name in counted}
        return {"num_videos": len(self.videos), **totals, "left_out": dict(sorted(self.left_out.items()))}


async def read_video(
    context: JobContext, video: Video, tally: Tally, *, only_satisfactory: bool, min_edited_frames: int = 0
) -> ExportedVideo | None:
    """Read one video from a single snapshot. None if none of its masklets is exported."""
    async with context.sessions() as session:
        # One snapshot for the whole video, so that it cannot contain half an undo.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        rules = await queries.rules_of(session, video.project_id)
        chosen: list[ExportedMasklet] = []
        masklets = await queries.masklets_of(session, video.id)
        current = await queries.current_masks(session, video.id, [masklet.id for masklet in masklets])
        for masklet in masklets:
            masks, touched = current[masklet.id].masks, frozenset(current[masklet.id].touched)
            on_grid = any(mask.area > 0 and frame % video.stride == 0 for frame, mask in masks.items())
            edited = sum(frame % video.stride == 0 for frame in touched)
            easy = masklet.origin is Origin.manual and edited < min_edited_frames
            reason = _left_out(masklet, only_satisfactory=only_satisfactory, on_grid=on_grid)
            reason = reason or ("masklets_too_easy" if easy else None)
            if reason is None:
                origin = Origin.manual if touched else masklet.origin  # manual once a person worked on it
                chosen.append(ExportedMasklet(masklet.id, masklet.name, origin, masks, touched))
            else:
                tally.left_out[reason] += 1
        tally.models.update(*(current[masklet.id].models for masklet in chosen))
    if not chosen:
        tally.left_out["videos_with_no_masklet_chosen" if masklets else "videos_without_masklets"] += 1
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
        stride=video.stride,
        environment=video.environment,
        split=split_of(video, rules.shares),
        proxy=context.store.local_path(ready.proxy_key),
        masklets=chosen,
    )


def _left_out(masklet: Masklet, *, only_satisfactory: bool, on_grid: bool) -> str | None:
    if masklet.verdict is VerdictKind.rejected:
        return "rejected_masklets"
    automatic = masklet.origin is Origin.auto  # as in SA-V, where people verified every one
    if (automatic or only_satisfactory) and masklet.verdict is not VerdictKind.satisfactory:
        if masklet.work is WorkState.refining:
            return "unsatisfactory_masklets"
        return "unverified_automatic_masklets" if automatic else "unverified_masklets"
    return None if on_grid else "masklets_never_visible"


def counts_of(video: ExportedVideo) -> dict[str, int]:
    """The report's counts of a video, on the annotation grid. An unknown mask is one that was never made."""
    frames = range(0, video.num_frames, video.stride)
    masks = [masklet.masks.get(frame) for masklet in video.masklets for frame in frames]
    return {
        "num_masklets": len(video.masklets),
        "num_annotated_frames": len(frames),
        "num_masks": sum(mask is not None and mask.area > 0 for mask in masks),
        "num_absent": sum(mask is not None and mask.area == 0 for mask in masks),
        "num_unknown": sum(mask is None for mask in masks),
    }
