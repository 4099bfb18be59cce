"""Prompts: stored, then sent to the model, then given their masks.

A stored prompt may be left without its mask if the model server was down or this process was killed. It stays visible
as a prompt, and is sent again when its request is repeated, before the masklet's next prompt, and in the background as
soon as the model server answers.

One that the model failed at is sent again only by its own request or in the background, behind everybody's prompts, and
after a second failure it is set aside: the frame shows why, and nothing sends it again.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from backend.annotation.prompts.request import prompt_request
from backend.annotation.prompts.store import note_failure, set_aside, store_mask, store_prompts
from backend.annotation.record import history_queries, masklet_queries
from backend.annotation.record.schemas import EditRead, PromptSetWrite
from backend.annotation.record.views import read_edit
from backend.annotation.tracking.histories import continuations
from backend.annotation.tracking.object_sync import RestorePoint
from backend.annotation.tracking.resources import TrackingResources
from backend.masklets.headers import Editor
from backend.masklets.service import read_masklet
from backend.model_client.problems import (
    ModelFailed,
    ModelRefused,
    ModelServerLost,
    ModelServerUnavailable,
    ModelUnusable,
)
from backend.phases.rules import Tool, allows
from backend.tables import Action, PromptSet
from model_server.contract.masks import MaskResult
from model_server.contract.prompts import MAX_CLICKS

_MOST_FAILURES = 2
_MOST_LOSSES = 3  # of the model server: it may have been stopped by something else
_LOOK_SECONDS = 1.0  # between looks whether an answer is still wanted


class PromptService:
    """Sends prompts to the model server and stores their masks."""

    def __init__(self, resources: TrackingResources) -> None:
        self._sessions = resources.sessions
        self._client = resources.client
        self._locks = resources.locks

    async def put(self, masklet_id: UUID, frame_index: int, body: PromptSetWrite, editor: Editor) -> EditRead:
        """Store a frame's prompt set, ask the model, and store its mask.

        Raises:
            ModelServerUnavailable, ModelUnusable: the prompt set is stored; repeating the request finishes it. The
                problem's body has the masklet's new `version`.
        """
        async with self._sessions.begin() as session:
            action = await store_prompts(session, masklet_id, frame_index, body, editor)
        if not action.complete and not action.undone:
            try:
                answered = await self.finish(masklet_id, own=action.id)
            except (ModelServerUnavailable, ModelUnusable) as error:
                raise await self._stored(masklet_id, error) from error
            if (edit := answered.get(action.id)) is not None:
                return edit
        async with self._sessions.begin() as session:
            return await read_edit(session, masklet_id, frame_index, action.id)

    async def finish(self, masklet_id: UUID, *, own: UUID | None = None) -> dict[UUID, EditRead]:
        """Get the masks that a masklet's stored prompts are waiting for, oldest first. Returns the edits by action.

        Somebody waits for the answer to their `own` prompt; with None, nobody waits for any.

        Raises:
            ModelServerUnavailable, ModelUnusable: all that is unanswered still waits.
            ModelRefused, ModelFailed: of their own prompt.
        """
        answered: dict[UUID, EditRead] = {}
        async with self._locks.hold([masklet_id]):
            async with self._sessions.begin() as session:
                waiting = await history_queries.unfinished_prompts(session, masklet_id)
                memory = bool(waiting) and allows(await masklet_queries.phase_of(session, masklet_id), Tool.refine)
            for action, prompts in waiting:
                if own is not None and action.id != own and prompts.failures:
                    continue
                edit = await self._attempt(action, prompts, own=action.id == own, memory=memory)
                if edit is not None:
                    answered[action.id] = edit
        return answered

    async def _attempt(self, action: Action, prompts: PromptSet, *, own: bool, memory: bool) -> EditRead | None:
        """Ask once. What goes wrong is noted, and raised if somebody waits for it."""
        try:
            return await self._finish(action, prompts, own=own, memory=memory)
        except ModelRefused as error:
            async with self._sessions.begin() as session:
                await set_aside(session, action, error.body())
            if own:
                raise
        except (ModelFailed, ModelServerLost) as error:
            most = _MOST_LOSSES if isinstance(error, ModelServerLost) else _MOST_FAILURES
            async with self._sessions.begin() as session:
                await note_failure(session, action, error.body(), most=most)
            if own or isinstance(error, ModelServerLost):
                raise
        return None

    async def _finish(self, action: Action, prompts: PromptSet, *, own: bool, memory: bool) -> EditRead | None:
        masklet_id = prompts.masklet_id
        if len(prompts.clicks) > MAX_CLICKS:  # stored by an earlier version
            raise ModelRefused(f"A frame takes at most {MAX_CLICKS} clicks.")
        async with self._sessions.begin() as session:  # a new one: this prompt builds on the previous one's mask
            continuation = (await continuations(session, [masklet_id], action_id=action.id)).get(masklet_id)
        if continuation is None:
            return None  # it has been undone
        base = RestorePoint(masklet_id, continuation.base_token, before=action.id)
        request = prompt_request(prompts, continuation, memory=memory, replay=not own)
        answer = self._client.prompt(action.video_id, request, base)
        result = await self._while_wanted(action, answer, frame_index=prompts.frame_index if own else None)
        if result is None:
            return None
        async with self._sessions.begin() as session:
            return await store_mask(session, action, result)

    async def _while_wanted(
        self, action: Action, answer: Coroutine[Any, Any, MaskResult], *, frame_index: int | None
    ) -> MaskResult | None:
        """The answer; None once it is no longer wanted, and then the model server is told to stop."""
        asking = asyncio.ensure_future(answer)
        try:
            while not (await asyncio.wait([asking], timeout=_LOOK_SECONDS))[0]:
                async with self._sessions.begin() as session:
                    if not await history_queries.is_wanted(session, action, frame_index=frame_index):
                        return None
            return asking.result()
        finally:
            asking.cancel()

    async def _stored(
        self, masklet_id: UUID, error: ModelServerUnavailable | ModelUnusable
    ) -> ModelServerUnavailable | ModelUnusable:
        async with self._sessions.begin() as session:
            version = (await read_masklet(session, masklet_id)).version
        then = "the model server answers" if isinstance(error, ModelServerUnavailable) else "there is one"
        detail = f"{error.detail} Your prompt is stored; its mask comes as soon as {then}."
        return type(error)(detail, extra={"version": version})
