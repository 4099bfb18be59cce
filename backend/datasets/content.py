"""Choose what goes into a dataset, from one snapshot per video, and note what is left out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.datasets import queries
from backend.datasets.descriptions import exported_values
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
from backend.ontology.schemas import AttributeScope, ObjectClass, Ontology
from backend.ontology.service import read_ontology
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


class OntologyChanged(Exception):
    """The project's ontology is not the one any more by which the dataset is written."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a video is exported. Masklets that people began need masks of theirs on so many annotated frames."""

    only_satisfactory: bool
    frames_as: FrameFiles
    every_frame: bool = False
    min_edited_frames: int = 0
    splits: Collection[str] | None = None
    origins: Collection[Origin] | None = None
    classes: Collection[UUID | None] | None = None
    empty_objects: bool = False
    overlaps: Overlaps = Overlaps.later_on_top
    ontology_version: int | None = None  # that the project must still have; None: any

    def takes(self, split: str) -> bool:
        """Whether videos of this split are exported."""
        return self.splits is None or subset_of(split) in {subset_of(each) for each in self.splits}


async def read_video(context: JobContext, video: Video, tally: Tally, choice: Choice) -> ExportedVideo | None:
    """Read one video from a single snapshot. None if none of its masklets is exported.

    Raises:
        OntologyChanged: the ontology has another version than was chosen.
    """
    async with context.sessions() as session:
        # One snapshot for the whole video, so that it cannot contain half an undo.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        rules = await queries.rules_of(session, video.project_id)
        split = split_of(video, rules.shares)
        if not choice.takes(split):
            tally.left_out.append(Omission.of_video(video, "videos_of_other_splits"))
            return None
        found = await read_ontology(session, video.project_id)
        if choice.ontology_version not in (None, found.version):
            raise OntologyChanged
        masklets = await queries.masklets_of(session, video.id)
        current = await queries.current_masks(session, video.id, [masklet.id for masklet in masklets])
        values = await queries.video_values(session, video.id)
    chosen = _chosen(video, [(each, current[each.id]) for each in masklets], tally, choice, found.ontology)
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
        stride=_stride(video, choice),
        environment=video.environment,
        split=split,
        proxy=context.store.local_path(ready.proxy_key),
        masklets=chosen,
        frames_as=choice.frames_as,
        overlaps=choice.overlaps,
        values=exported_values(found.ontology, values, AttributeScope.video, AttributeScope.frame),
    )


def _chosen(
    video: Video, masklets: Iterable[tuple[Masklet, CurrentMasks]], tally: Tally, choice: Choice, ontology: Ontology
) -> list[ExportedMasklet]:
    """The masklets that are exported; the others are noted as left out."""
    classes: dict[UUID | None, ObjectClass] = {each.id: each for each in ontology.classes}
    chosen: list[ExportedMasklet] = []
    for masklet, current in masklets:
        touched = frozenset(current.touched)
        exported = ExportedMasklet(
            masklet.id,
            masklet.number,
            masklet.name,
            origin=Origin.manual if touched else masklet.origin,  # manual once a person worked on it
            masks=current.masks,
            touched_frames=touched,
            object_class=classes.get(masklet.class_id),
            values=exported_values(ontology, masklet.attributes, AttributeScope.object),
        )
        reason = _reason_against(masklet, exported, video, choice)
        if reason is None:
            chosen.append(exported)
            tally.add(current)
        else:
            tally.left_out.append(Omission.of_masklet(video.id, masklet, reason))
    return chosen


def _stride(video: Video, choice: Choice) -> int:
    return 1 if choice.every_frame else video.stride


def _reason_against(masklet: Masklet, exported: ExportedMasklet, video: Video, choice: Choice) -> str | None:
    """Why a masklet is left out, or None."""
    edited = sum(frame % video.stride == 0 for frame in exported.touched_frames)
    made_here = masklet.origin is Origin.manual and masklet.import_id is None
    if choice.origins is not None and exported.origin not in choice.origins:
        return "masklets_of_other_origin"
    if choice.classes is not None and masklet.class_id not in choice.classes:
        return "masklets_of_other_classes"
    return (
        _by_verdict(masklet, only_satisfactory=choice.only_satisfactory)
        or _by_masks(exported.masks, _stride(video, choice), empty_objects=choice.empty_objects)
        or ("masklets_too_easy" if made_here and edited < choice.min_edited_frames else None)
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
