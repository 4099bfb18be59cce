"""Prompts: stored, then sent to the model, then given their masks.

A stored prompt may be left without its mask if the model server was down or this process was killed. It stays visible
as a prompt, and is sent again when its request is repeated, before the masklet's next prompt, and in the background as
soon as the model server answers.
"""

from uuid import UUID

from backend.annotation.prompts.request import prompt_request
from backend.annotation.prompts.store import close_prompt, store_mask, store_prompts
from backend.annotation.record import history_queries, masklet_queries
from backend.annotation.record.schemas import EditRead, PromptSetWrite
from backend.annotation.record.views import read_edit
from backend.annotation.tracking.histories import continuations
from backend.annotation.tracking.object_sync import RestorePoint
from backend.annotation.tracking.resources import TrackingResources
from backend.masklets.headers import Editor
from backend.masklets.service import read_masklet
from backend.model_client.problems import ModelRefused, ModelServerUnavailable, ModelUnusable
from backend.phases.rules import Tool, allows
from backend.tables import Action


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
                answered = await self.finish(masklet_id)
            except (ModelServerUnavailable, ModelUnusable) as error:
                raise await self._stored(masklet_id, error) from error
            if (edit := answered.get(action.id)) is not None:
                return edit
        async with self._sessions.begin() as session:
            return await read_edit(session, masklet_id, frame_index, action.id)

    async def finish(self, masklet_id: UUID) -> dict[UUID, EditRead]:
        """Get the masks that a masklet's stored prompts are waiting for, oldest first. Returns the edits by action."""
        answered: dict[UUID, EditRead] = {}
        async with self._locks.hold([masklet_id]):
            async with self._sessions.begin() as session:
                waiting = await history_queries.unfinished_prompts(session, masklet_id)
                memory = bool(waiting) and allows(await masklet_queries.phase_of(session, masklet_id), Tool.refine)
            for action in waiting:
                edit = await self._finish(masklet_id, action, memory=memory)
                if edit is not None:
                    answered[action.id] = edit
        return answered

    async def _finish(self, masklet_id: UUID, action: Action, *, memory: bool) -> EditRead | None:
        async with self._sessions.begin() as session:  # a new one: this prompt builds on the previous one's mask
            continuation = (await continuations(session, [masklet_id], action_id=action.id)).get(masklet_id)
        if continuation is None:
            return None  # it has been undone
        base = RestorePoint(masklet_id, continuation.base_token, before=action.id)
        try:
            request = prompt_request(masklet_id, action, continuation, memory=memory)
            result = await self._client.prompt(action.video_id, request, base)
        except ModelRefused:
            async with self._sessions.begin() as session:
                await close_prompt(session, action)
            raise
        async with self._sessions.begin() as session:
            return await store_mask(session, action, result)

    async def _stored(
        self, masklet_id: UUID, error: ModelServerUnavailable | ModelUnusable
    ) -> ModelServerUnavailable | ModelUnusable:
        async with self._sessions.begin() as session:
            version = (await read_masklet(session, masklet_id)).version
        then = "the model server answers" if isinstance(error, ModelServerUnavailable) else "there is one"
        detail = f"{error.detail} Your prompt is stored; its mask comes as soon as {then}."
        return type(error)(detail, extra={"version": version})
