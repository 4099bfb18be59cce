"""Frame locks: the mask of a locked frame cannot change, and propagations stop there."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import history_queries, lock_queries
from backend.annotation.record.problems import FrameOutOfRange, MaskPending
from backend.annotation.record.schemas import Changes, LockWrite
from backend.annotation.record.undo_limits import LineViewer
from backend.annotation.record.video_bounds import num_frames
from backend.annotation.record.views import FramesPerSecond, read_changes
from backend.masklets.edit_rules import Request, Turn, next_seq, raise_version, record_action, take_turn
from backend.masklets.headers import Editor
from backend.tables import Action
from backend.tables.states import ActionKind


async def lock_frames(
    session: AsyncSession, masklet_id: UUID, body: LockWrite, editor: Editor, pace: FramesPerSecond
) -> Changes:
    """Lock or unlock a range of frames. It is an action unless every frame already is in the requested state.

    Raises:
        FrameOutOfRange: the video has no such frames, or the range is empty.
        MaskPending: one of the frames has a prompt that is waiting for its mask.
    """
    request = Request(ActionKind.lock_frames, masklet_id, body.model_dump(mode="json"))
    turn = await take_turn(session, masklet_id, editor, request)
    before = turn.video.seq
    if turn.earlier is None:
        frames = _frames(turn, body)
        if body.locked:
            await _check_settled(session, masklet_id, frames)
        locked = await lock_queries.locked_within(session, masklet_id, frames)
        changing = [frame for frame in frames if (frame in locked) != body.locked]
        if changing:
            action = await record_action(
                session, turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id
            )
            await _change(session, turn, action, changing, locked=body.locked)
            raise_version(session, turn.video, turn.masklet)  # the masks stay, and so does a verdict on them
    await session.flush()
    viewer = LineViewer(editor.actor_id, turn.masklet.participant_id)
    return await read_changes(session, turn.video.id, after=before, pace=pace, viewer=viewer)


async def _change(session: AsyncSession, turn: Turn, action: Action, frames: list[int], *, locked: bool) -> None:
    first_seq = next_seq(session, turn.video, len(frames))
    rows = [
        {
            "masklet_id": turn.masklet.id,
            "frame_index": frame,
            "video_id": turn.video.id,
            "locked": locked,
            "seq": first_seq + offset,
        }
        for offset, frame in enumerate(frames)
    ]
    await lock_queries.set_locks(session, rows)
    await lock_queries.remember_locks(session, action.id, turn.masklet.id, frames, locked)


def _frames(turn: Turn, body: LockWrite) -> range:
    end = num_frames(turn.video)
    if not body.first_frame <= body.last_frame < end:
        raise FrameOutOfRange(f"first_frame <= last_frame must hold, and the video has {end} frames.")
    return range(body.first_frame, body.last_frame + 1)


async def _check_settled(session: AsyncSession, masklet_id: UUID, frames: range) -> None:
    for _action, prompts in await history_queries.unfinished_prompts(session, masklet_id):
        if prompts.frame_index in frames:
            raise MaskPending(f"Frame {prompts.frame_index} gets the mask of its prompt first.")
