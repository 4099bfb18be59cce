"""Turn found masks into masklets, and remove unfinished ones after a cancellation."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.service import create_run
from backend.annotation.record.masks import measured
from backend.annotation.record.pointers import move_pointers, state_of
from backend.annotation.record.revisions import add_mask, mask_values
from backend.annotation.record.schemas import RunCreate
from backend.auth.permissions import Permission
from backend.auth.tenure import require_standing
from backend.autolabel import queries
from backend.autolabel.schemas import AutoLabelingCreate
from backend.autolabel.selection import choose
from backend.masklets.edit_rules import Request, lock_video, next_seq, raise_version, record_action
from backend.masklets.headers import Author
from backend.masklets.run_end import end_run
from backend.masklets.service import NewMasklet, begin_masklet
from backend.masklets.work import Handover, bring_tasks
from backend.tables import AutoLabeling, Run, Video
from backend.tables.states import ActionKind, Direction, MaskSource, Origin, Phase, RunState, WorkState
from model_server.contract.search import FoundMask


@dataclass(frozen=True, slots=True)
class Find:
    """The masks found on a key frame."""

    frame_index: int
    masks: Sequence[FoundMask]


async def keep(session: AsyncSession, auto_labeling_id: UUID, find: Find, options: AutoLabelingCreate) -> Run | None:
    """Create masklets from the new ones among found masks, and a run that propagates them. Returns the run, if any.

    The key frame is marked as done in the same transaction, so that a crash repeats all of it or nothing.

    Raises:
        NotAllowed: who asked for the search may not annotate there any more.
    """
    labeling = await queries.lock_auto_labeling(session, auto_labeling_id)
    assert labeling is not None
    video = await lock_video(session, labeling.video_id, ready=True)
    await require_standing(session, labeling.created_by, Permission.annotate, video.project_id)
    known = await queries.masks_on(session, video.id, find.frame_index)
    left = options.max_masklets - sum(len(step["masklets"]) for step in labeling.steps)
    chosen = choose(find.masks, known, options, first=find.frame_index == 0, at_most=left)
    made = [await _begin(session, video, labeling, find.frame_index, mask) for mask in chosen]
    run = await _carry(session, labeling, made, find.frame_index, options) if made else None
    step = {
        "frame": find.frame_index,
        "found": len(find.masks),
        "masklets": [str(masklet_id) for masklet_id in made],
        "run": None if run is None else str(run.id),
    }
    labeling.steps = [*labeling.steps, step]
    return run


async def let_go(session: AsyncSession, auto_labeling_id: UUID) -> int:
    """Cancel unfinished runs, whoever holds a task there, and delete their masklets. Returns how many masklets stay.

    What somebody has worked on meanwhile stays.
    """
    labeling = await queries.auto_labeling(session, auto_labeling_id)
    assert labeling is not None
    video = await lock_video(session, labeling.video_id)
    kept = 0
    for step in labeling.steps:
        run = await queries.lock_run(session, UUID(step["run"])) if step["run"] else None
        if run is None or run.finished_at is not None:
            kept += len(step["masklets"])
            continue
        await end_run(session, video, run, RunState.cancelled)
        found = await queries.masklets(session, [UUID(masklet_id) for masklet_id in step["masklets"]])
        taken_up = await queries.taken_up(session, [masklet.id for masklet in found])
        for masklet in found:
            if masklet.id in taken_up:
                kept += 1
                continue
            masklet.deleted = True
            raise_version(session, video, masklet)
    return kept


async def _begin(
    session: AsyncSession, video: Video, labeling: AutoLabeling, frame_index: int, found: FoundMask
) -> UUID:
    new = NewMasklet(
        created_by=labeling.created_by,
        phase=Phase.sam2,  # whatever the project's phase, because SAM 2 propagates it
        noun="Auto",
        origin=Origin.auto,
        work=WorkState.verifying,  # nobody annotates it before it is judged
    )
    masklet = await begin_masklet(session, video, new)
    request = Request(ActionKind.edit_mask, masklet.id, {"point": list(found.point)}, frame_index, automatic=True)
    author = Author(uuid4(), labeling.created_by)
    action = await record_action(session, video, author, request, masklet_id=masklet.id)
    height, width = found.mask.size
    mask = measured(found.mask.counts.encode("ascii"), height=height, width=width)
    values = mask_values(action, masklet, frame_index, mask, MaskSource.automatic) | {
        "predicted_iou": found.predicted_iou,
        "stability": found.stability,
        "model_version": found.model_version,
    }
    mask_id = await add_mask(session, values)
    state = await state_of(session, video, masklet.id, frame_index)
    move_pointers(session, action, state, next_seq(session, video), mask_id=mask_id, prompts_id=None)
    await session.flush()
    await bring_tasks(session, masklet, Handover())
    return masklet.id


async def _carry(
    session: AsyncSession, labeling: AutoLabeling, made: list[UUID], frame_index: int, options: AutoLabelingCreate
) -> Run:
    body = RunCreate(masklet_ids=made, start_frame=frame_index, direction=Direction.both)
    author = Author(uuid4(), labeling.created_by)
    return await create_run(session, labeling.video_id, body, author, automatic=True, clean_under=options.clean_under)
