"""Keep what the model server knows of an object equal to what is stored.

The model server is a cache. Before it works on an object it must hold the object's stored history, named by a token.
When it does not - it was restarted, the session was evicted, somebody undid a step - it is given the stored masks,
and asked again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries, history_queries
from backend.annotation.tracking.placements import Place, Places
from backend.annotation.tracking.tokens import Step, history_token
from backend.db.engine import Sessions
from backend.model_client.problems import (
    ModelServerGone,
    ModelServerUnavailable,
    NeedsRestore,
    SessionUnknown,
    TakenOver,
)
from backend.models.queries import remember_version
from backend.phases.rules import Tool, allows
from backend.storage.objects import ObjectStore
from backend.tables import Action, Run, Video
from backend.tables.states import RunState
from backend.videos.refusals import VideoNotFound, VideoNotReady
from model_server.contract.masks import EncodedMask
from model_server.contract.sessions import (
    ConditioningSeed,
    OpenSessionRequest,
    RestoreRequest,
    TrackedSeed,
    VideoReference,
)

_Answer = TypeVar("_Answer")
_CERTAIN = 10.0  # object score, a logit, where no model gave one because a person drew the mask
_MOST_ATTEMPTS = 6  # the session may be lost, moved, then the objects; more often, and somebody interferes
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Link:
    """One object's history before an action and with it: what a request builds on, and what it leads to."""

    base_token: str
    token: str


async def links(session: AsyncSession, masklet_ids: Sequence[UUID], *, action_id: UUID) -> dict[UUID, Link]:
    """How an action continues each masklet's history; nothing for an action that was undone meanwhile."""
    history = await history_queries.history_of(session, masklet_ids, carried_out=action_id)
    found: dict[UUID, Link] = {}
    for masklet_id in masklet_ids:
        steps = [_step(action, run) for action, run in history if _concerns(masklet_id, action, run)]
        before = [step for step in steps if step.action_id != action_id]
        if len(before) < len(steps):
            found[masklet_id] = Link(history_token(before), history_token(steps))
    return found


class ObjectMemory:
    """Opens tracking sessions and restores objects. It keeps nothing itself: any backend may ask the next question."""

    def __init__(self, sessions: Sessions, places: Places, store: ObjectStore) -> None:
        self._sessions = sessions
        self.places = places
        self._store = store

    async def ask(
        self,
        video_id: UUID,
        question: Callable[[Place], Awaitable[_Answer]],
        restore: Callable[[Place], Awaitable[None]],
    ) -> _Answer:
        """Put a question that builds on objects' histories; open the session and restore the objects if need be.

        When the video's model server is gone and there is another, the question is put to that one.

        Raises:
            ModelServerUnavailable, ModelUnusable, ModelRefused, ModelFailed
        """
        place = await self.places.of(video_id)
        for _attempt in range(_MOST_ATTEMPTS):
            try:
                try:
                    return await question(place)
                except SessionUnknown:
                    await self.open(video_id, place)
                except NeedsRestore:
                    await restore(place)
            except (SessionUnknown, NeedsRestore):
                pass  # somebody else's restore took ours over, or the session went meanwhile
            except TakenOver:
                if (moved := await self.places.of(video_id)) == place:
                    raise ModelServerUnavailable("The model server holds this video for another database.") from None
                place = moved
            except ModelServerGone as error:
                place.server.gone(error.detail)
                moved = await self.places.of(video_id)
                if moved.server is place.server:
                    raise
                place = moved
        raise ModelServerUnavailable("The tracking session does not keep what it is given.")

    async def open(self, video_id: UUID, place: Place) -> None:
        """Open the video's tracking session, or find it open.

        Raises:
            TakenOver: the video has moved on.
        """
        async with self._sessions.begin() as session:
            video = await frame_queries.video(session, video_id)
        if video is None:
            raise VideoNotFound
        opened = await place.client.open_session(str(video_id), self._opening(video, place))
        async with self._sessions.begin() as session:
            await remember_version(session, opened.model_version, opened.model)

    async def restore(
        self, place: Place, video_id: UUID, masklet_id: UUID, *, token: str, before: UUID | None = None
    ) -> None:
        """Hand over the masks an object has, or had before a prompt's action, under the token of that history."""
        async with self._sessions.begin() as session:
            video = await frame_queries.video(session, video_id)
            masks = await frame_queries.known_masks(session, masklet_id, before=before)
            refines = allows(await frame_queries.phase_of(session, masklet_id), Tool.refine)
            refined = await _refined(session, masklet_id, before) if refines else None
        if video is None:
            raise VideoNotFound
        assert video.height is not None
        assert video.width is not None
        size = (video.height, video.width)
        body = RestoreRequest(
            epoch=place.epoch,
            object_id=str(masklet_id),
            token=token,
            conditioning=tuple(_conditioning(row, size, refined) for row in masks if row["conditioning"]),
            tracked=tuple(_tracked(row, size) for row in masks if not row["conditioning"]),
        )
        restored = await place.client.restore(str(video_id), body)
        _log.info("object.restored", masklet_id=str(masklet_id), frames=restored.restored)

    def _opening(self, video: Video, place: Place) -> OpenSessionRequest:
        if video.proxy_key is None or video.width is None or video.height is None or video.num_frames is None:
            raise VideoNotReady
        path = str(self._store.local_path(video.proxy_key))
        reference = VideoReference(path=path, width=video.width, height=video.height, num_frames=video.num_frames)
        return OpenSessionRequest(epoch=place.epoch, video=reference, model=place.model)


def _concerns(masklet_id: UUID, action: Action, run: Run | None) -> bool:
    return action.masklet_id == masklet_id or (run is not None and masklet_id in run.masklet_ids)


def _step(action: Action, run: Run | None) -> Step:
    stopped_early = run is not None and run.state in (RunState.cancelled, RunState.failed)
    return Step(action.id, run.done if run is not None and stopped_early else None)


async def _refined(session: AsyncSession, masklet_id: UUID, before: UUID | None) -> dict[int, bytes | None]:
    """Frames whose mask answers prompts, and the counts of the mask those refined, if they did not begin anew."""
    mask_ids = await history_queries.refined_by_prompts(session, masklet_id, before=before)
    counts = await frame_queries.mask_counts(session, masklet_id, [mask_id for mask_id in mask_ids.values() if mask_id])
    return {frame: None if mask_id is None else counts[mask_id] for frame, mask_id in mask_ids.items()}


def _conditioning(row: RowMapping, size: tuple[int, int], refined: dict[int, bytes | None] | None) -> ConditioningSeed:
    if refined is None:  # a phase without refinement: every mask a person made was remembered as a given mask
        mask, score = _mask(row["counts"], size), _given_score(row)
        return ConditioningSeed.model_construct(
            frame_index=row["frame_index"], prompt=None, mask=mask, object_score=score, answers_prompts=False, base=None
        )
    base = refined.get(row["frame_index"])
    return ConditioningSeed.model_construct(
        frame_index=row["frame_index"],
        prompt=None,
        mask=_mask(row["counts"], size),
        object_score=_score(row),
        answers_prompts=row["frame_index"] in refined,
        base=None if base is None else _mask(base, size),
    )


def _tracked(row: RowMapping, size: tuple[int, int]) -> TrackedSeed:
    return TrackedSeed.model_construct(
        frame_index=row["frame_index"], mask=_mask(row["counts"], size), object_score=_score(row)
    )


def _mask(counts: bytes, size: tuple[int, int]) -> EncodedMask:
    return EncodedMask.model_construct(size=size, counts=counts.decode("ascii"))


def _score(row: RowMapping) -> float:
    if row["object_score"] is not None:
        return row["object_score"]
    return _given_score(row)


def _given_score(row: RowMapping) -> float:
    return _CERTAIN if row["area"] else -_CERTAIN
