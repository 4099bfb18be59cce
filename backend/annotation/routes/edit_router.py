"""Routes that edit a masklet: prompts, masks, cleared frames, frame locks, descriptions, undo and redo."""

from uuid import UUID

from fastapi import APIRouter

from backend.annotation.edits import descriptions, drawn_masks, history
from backend.annotation.edits.frame_locks import lock_frames
from backend.annotation.engine import Engine
from backend.annotation.record.problems import (
    BadMask,
    EmptyPrompts,
    FrameLocked,
    FrameOutOfRange,
    MaskPending,
    NotTheLatestAction,
    PointOutsideVideo,
)
from backend.annotation.record.schemas import (
    Changes,
    EditRead,
    FrameIndex,
    HistoryStep,
    LockWrite,
    MaskWrite,
    PromptSetWrite,
)
from backend.auth.access import access
from backend.auth.permissions import Permission
from backend.db.session import Session, ShortSessions
from backend.masklets.headers import AuthorHeaders, EditHeaders
from backend.masklets.problems import EDIT_ERRORS, LEASE_ERRORS
from backend.masklets.resource import MASKLET
from backend.masklets.schemas import MaskletDescription, MaskletRead
from backend.model_client.problems import ModelFailed, ModelRefused, ModelServerUnavailable, ModelUnusable
from backend.ontology.problems import UnknownAttribute, UnknownClass
from backend.phases.problems import PhaseForbids
from backend.problems import problems
from backend.videos.problems import VideoNotFound
from backend.videos.resource import VIDEO

router = APIRouter(prefix="/api", tags=["annotation"])
_FRAME = "/masklets/{masklet_id}/frames/{frame_index}"
_PROMPT_ERRORS = (EmptyPrompts, PointOutsideVideo, ModelRefused, ModelFailed, ModelServerUnavailable, ModelUnusable)


@router.put(
    "/masklets/{masklet_id}/frames/{frame_index}/prompts",
    responses=problems(*EDIT_ERRORS, PhaseForbids, FrameOutOfRange, FrameLocked, *_PROMPT_ERRORS),
    dependencies=[access(Permission.annotate, MASKLET)],
)
async def put_prompts(
    masklet_id: UUID, frame_index: FrameIndex, body: PromptSetWrite, editor: EditHeaders, engine: Engine
) -> EditRead:
    """Replace the frame's whole prompt set and return the mask that answers it.

    The prompt set is stored before the model is asked, so a 503 does not lose it: the same request, with the same
    Idempotency-Key, finishes it, and so does the backend by itself once the model server answers again.
    """
    try:
        return await engine.prompts.put(masklet_id, frame_index, body, editor)
    except (ModelServerUnavailable, ModelFailed):
        engine.finisher.want()
        raise


@router.put(
    "/masklets/{masklet_id}/frames/{frame_index}/mask",
    responses=problems(*EDIT_ERRORS, PhaseForbids, FrameOutOfRange, FrameLocked, BadMask),
    dependencies=[access(Permission.annotate, MASKLET)],
)
async def put_mask(
    masklet_id: UUID, frame_index: FrameIndex, body: MaskWrite, editor: EditHeaders, session: Session
) -> EditRead:
    """Replace the frame's mask with one drawn by hand. An empty mask means that the object is absent from the frame."""
    return await drawn_masks.draw_mask(session, masklet_id, frame_index, body, editor)


@router.delete(
    _FRAME,
    responses=problems(*EDIT_ERRORS, FrameOutOfRange, FrameLocked),
    dependencies=[access(Permission.annotate, MASKLET)],
)
async def clear_frame(masklet_id: UUID, frame_index: FrameIndex, editor: EditHeaders, session: Session) -> EditRead:
    """Remove the frame's prompts and mask, which makes it unknown again."""
    return await drawn_masks.clear_frame(session, masklet_id, frame_index, editor)


@router.put(
    "/masklets/{masklet_id}/locks",
    responses=problems(*EDIT_ERRORS, FrameOutOfRange, MaskPending),
    dependencies=[access(Permission.annotate, MASKLET)],
)
async def put_locks(
    masklet_id: UUID, body: LockWrite, editor: EditHeaders, engine: Engine, sessions: ShortSessions
) -> Changes:
    """Lock or unlock frames and return the changes.

    The mask of a locked frame cannot change. Propagations of the masklet, even a running one, stop there.
    """
    async with sessions.begin() as session:
        return await lock_frames(session, masklet_id, body, editor, engine.driver.frames_per_second)


@router.patch(
    "/masklets/{masklet_id}/description",
    responses=problems(*EDIT_ERRORS, UnknownClass, UnknownAttribute),
    dependencies=[access(Permission.annotate, MASKLET)],
)
async def describe_masklet(
    masklet_id: UUID, body: MaskletDescription, editor: EditHeaders, session: Session
) -> MaskletRead:
    """Set the class of a masklet and values of its attributes. Undo takes it back; masks and verdict stay."""
    return await descriptions.describe_masklet(session, masklet_id, body, editor)


@router.post(
    "/videos/{video_id}/undo",
    responses=problems(VideoNotFound, NotTheLatestAction, *LEASE_ERRORS),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def undo(
    video_id: UUID, body: HistoryStep, author: AuthorHeaders, engine: Engine, sessions: ShortSessions
) -> Changes:
    """Undo an action of yours, which may be a whole propagation, and return the changes.

    Nothing may have been built upon it. A verdict that the action voided holds again. Repeating the request is
    harmless. Running propagations of the masklets concerned are stopped first.
    """
    async with sessions.begin() as session:
        changes = await history.undo(session, video_id, body.action_id, author, pace=engine.driver.frames_per_second)
    await engine.driver.drop_ended()
    return changes


@router.post(
    "/videos/{video_id}/redo",
    responses=problems(VideoNotFound, NotTheLatestAction, *LEASE_ERRORS),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def redo(
    video_id: UUID, body: HistoryStep, author: AuthorHeaders, engine: Engine, sessions: ShortSessions
) -> Changes:
    """Redo the earliest action that you undid and return the changes. Repeating the request is harmless."""
    async with sessions.begin() as session:
        changes = await history.redo(session, video_id, body.action_id, author, pace=engine.driver.frames_per_second)
    await engine.driver.drop_ended()
    engine.finisher.want()  # it may be a prompt that never got its mask
    return changes
