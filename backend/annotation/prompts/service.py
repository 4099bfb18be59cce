"""Prompts: stored first, then asked of the model, then answered.

A stored prompt whose mask never came - the model server was down, this process was killed - stays visible as a prompt
without a new mask. It is asked again when its request comes again, before the next prompt of the same masklet, and
in the background as soon as the model server answers.
"""

from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.attempt import RunDesk
from backend.annotation.record import frame_queries, history_queries
from backend.annotation.record.masks import measured
from backend.annotation.record.problems import EmptyPrompts, FrameOutOfRange, PointOutsideVideo
from backend.annotation.record.revisions import Answer, add_mask, answer_values, move_pointers, state_of
from backend.annotation.record.schemas import EditRead, PromptSetWrite
from backend.annotation.record.views import read_frame
from backend.annotation.tracking.object_sync import Link, links
from backend.annotation.tracking.placements import Place
from backend.masklets.editing import Request, mark_edited, next_seq, record_action, take_turn
from backend.masklets.headers import Editor
from backend.masklets.refusals import MaskletNotFound
from backend.masklets.service import masklet_read, read_masklet
from backend.model_client.problems import ModelRefused, ModelServerUnavailable, ModelUnusable
from backend.phases.rules import Tool, allows, require_tool
from backend.tables import Action, PromptSet, Video
from backend.tables.states import ActionKind, MaskSource, Phase
from model_server.contract.masks import MaskResult
from model_server.contract.prompts import BoxPrompt, ClickPrompt, FramePrompts, PromptRequest

_log = structlog.get_logger()


async def store_prompts(
    session: AsyncSession, masklet_id: UUID, frame_index: int, body: PromptSetWrite, editor: Editor
) -> Action:
    """The action of this prompt set, stored but not yet answered; or the one the same request made before."""
    request = Request(ActionKind.prompt, masklet_id, body.model_dump(mode="json"), frame_index)
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is not None:
        return turn.earlier
    _check(turn.video, frame_index, body)
    _check_phase(turn.masklet.phase, body)
    action = await record_action(
        session, turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id
    )
    stored = request.body
    prompts = PromptSet(masklet_id=masklet_id, frame_index=frame_index, **stored, action_id=action.id)
    session.add(prompts)
    await session.flush()
    state = await state_of(session, turn.video, masklet_id, frame_index)
    seq = next_seq(session, turn.video)
    move_pointers(session, action, state, seq, mask_id=state.mask_id, prompts_id=prompts.id)
    mark_edited(session, turn.video, turn.masklet)
    return action


class Prompting:
    """Carries prompts to the model server and their masks back."""

    def __init__(self, desk: RunDesk) -> None:
        self._sessions = desk.sessions
        self._memory = desk.memory
        self._locks = desk.locks

    async def prompt(self, masklet_id: UUID, frame_index: int, body: PromptSetWrite, editor: Editor) -> EditRead:
        """Store the prompt set, ask the model, store its mask.

        Raises:
            ModelServerUnavailable, ModelUnusable: the prompt is kept; the same request finishes it. The body has the
                new `version`.
        """
        async with self._sessions.begin() as session:
            action = await store_prompts(session, masklet_id, frame_index, body, editor)
        if not action.complete and not action.undone:
            try:
                answered = await self.finish(masklet_id)
            except (ModelServerUnavailable, ModelUnusable) as error:
                raise await self._kept(masklet_id, error) from error
            if (edit := answered.get(action.id)) is not None:
                return edit
        async with self._sessions.begin() as session:
            return await read_edit(session, masklet_id, frame_index, action.id)

    async def finish(self, masklet_id: UUID) -> dict[UUID, EditRead]:
        """Ask for every mask that the masklet's stored prompts still wait for, oldest first; what came, by action."""
        answered: dict[UUID, EditRead] = {}
        async with self._locks.hold([masklet_id]):
            async with self._sessions.begin() as session:
                waiting = await history_queries.unfinished_prompts(session, masklet_id)
                memory = bool(waiting) and allows(await frame_queries.phase_of(session, masklet_id), Tool.refine)
            for action in waiting:
                async with self._sessions.begin() as session:  # after the one before: it continues from its mask
                    link = (await links(session, [masklet_id], action_id=action.id)).get(masklet_id)
                edit = await self._finish(action, link, memory=memory) if link is not None else None
                if edit is not None:
                    answered[action.id] = edit
        return answered

    async def _finish(self, action: Action, link: Link, *, memory: bool) -> EditRead | None:
        masklet_id = action.masklet_id
        assert masklet_id is not None

        async def restore(place: Place) -> None:
            await self._memory.restore(place, action.video_id, masklet_id, token=link.base_token, before=action.id)

        try:
            result = await self._memory.ask(action.video_id, partial(self._ask, action, link, memory), restore)
        except ModelRefused:
            async with self._sessions.begin() as session:
                await _store_refusal(session, action)
            raise
        async with self._sessions.begin() as session:
            return await _store_answer(session, action, result)

    async def _ask(self, action: Action, link: Link, memory: bool, place: Place) -> MaskResult:
        request = PromptRequest(
            epoch=place.epoch,
            object_id=str(action.masklet_id),
            base_token=link.base_token,
            token=link.token,
            frame_index=action.request["frame_index"],
            prompt=FramePrompts.model_validate(action.request["body"] | {"memory": memory}),
        )
        return await place.client.prompt(str(action.video_id), request)

    async def _kept(
        self, masklet_id: UUID, error: ModelServerUnavailable | ModelUnusable
    ) -> ModelServerUnavailable | ModelUnusable:
        async with self._sessions.begin() as session:
            version = (await read_masklet(session, masklet_id)).version
        then = "the model server answers" if isinstance(error, ModelServerUnavailable) else "there is one"
        detail = f"{error.detail} Your prompt is stored; its mask comes as soon as {then}."
        return type(error)(detail, extra={"version": version})


async def read_edit(session: AsyncSession, masklet_id: UUID, frame_index: int, action_id: UUID) -> EditRead:
    """How the frame and its masklet are now."""
    masklet = await read_masklet(session, masklet_id)
    video = await frame_queries.video(session, masklet.video_id)
    assert video is not None
    frame = await read_frame(session, video, masklet_id, frame_index)
    return EditRead(frame=frame, masklet=masklet, action_id=action_id)


async def _store_answer(session: AsyncSession, asked: Action, result: MaskResult) -> EditRead | None:
    """Give the prompt its mask; None where later actions have moved the frame on meanwhile."""
    locked = await history_queries.lock_action(session, asked.id)
    if locked is None:
        raise MaskletNotFound("The masklet was deleted with its video.")
    video, masklet, action = locked
    if action.complete:
        return None  # another process was faster
    assert video.height is not None
    assert video.width is not None
    mask = measured(result.mask.counts.encode("ascii"), height=video.height, width=video.width)
    values = answer_values(action, masklet, Answer(mask, result), MaskSource.prompted)
    mask_id = await add_mask(session, values)
    action.complete = True
    (own, counts), *later = await history_queries.changes_from(session, action, masklet.id, result.frame_index)
    own.after_mask_id = mask_id
    for change, _counts in later:
        change.before_mask_id = mask_id
    if not counts or any(later_counts for _change, later_counts in later):
        return None
    state = await frame_queries.frame_state(session, masklet.id, result.frame_index)
    assert state is not None
    state.mask_id = mask_id
    state.seq = next_seq(session, video)
    masklet.seq = next_seq(session, video)
    frame = await read_frame(session, video, masklet.id, result.frame_index)
    return EditRead(frame=frame, masklet=masklet_read(masklet, result.model_version), action_id=action.id)


async def _store_refusal(session: AsyncSession, asked: Action) -> None:
    """The model will never answer this one: do not ask again."""
    locked = await history_queries.lock_action(session, asked.id)
    if locked is not None:
        locked[2].complete = True


def _check(video: Video, frame_index: int, body: PromptSetWrite) -> None:
    assert video.num_frames is not None
    assert video.width is not None
    assert video.height is not None
    if frame_index >= video.num_frames:
        raise FrameOutOfRange(f"The video has {video.num_frames} frames.")
    if not body.clicks and body.box is None:
        raise EmptyPrompts("Give a click or a box, or clear the frame.")
    for x, y in _points(body.clicks, body.box):
        if not (0 <= x <= video.width and 0 <= y <= video.height):
            raise PointOutsideVideo(f"({x:g}, {y:g}) is not in a video of {video.width} x {video.height} pixels.")


def _check_phase(phase: Phase, body: PromptSetWrite) -> None:
    if body.clicks:
        require_tool(phase, Tool.point)
    if body.box is not None:
        require_tool(phase, Tool.box)


def _points(clicks: list[ClickPrompt], box: BoxPrompt | None) -> list[tuple[float, float]]:
    corners = [] if box is None else [(box.x0, box.y0), (box.x1, box.y1)]
    return [*((click.x, click.y) for click in clicks), *corners]
