"""The rules that every edit follows: video lock, sequence numbers, repeated requests, versions and the redo branch."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.events.announcement import announce
from backend.leases.fence import check_fence
from backend.leases.queries import held_tasks
from backend.masklets import queries
from backend.masklets.headers import Author, Editor
from backend.masklets.line_queries import Line
from backend.masklets.problems import MaskletNotFound, VersionConflict
from backend.problems import IdempotencyKeyReused
from backend.tables import Action, FrameState, Masklet, Task, Video
from backend.tables.states import ActionKind, VideoState
from backend.videos.problems import VideoNotFound, VideoNotReady


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its hash is compared if its id is repeated, and what no other row holds of it is stored."""

    kind: ActionKind
    target: UUID  # the masklet; the video if the action makes a masklet or concerns several
    body: dict[str, Any]
    frame_index: int | None = None
    automatic: bool = False  # not a person's request, so not a step of anybody's history
    elsewhere: Collection[str] = ()  # fields of the body that have a row of their own, and are not stored twice

    def stored(self) -> dict[str, Any]:
        return self._with({name: value for name, value in self.body.items() if name not in self.elsewhere})

    def hash(self) -> str:
        """SHA-256 of the whole request in canonical form."""
        return hashlib.sha256(json.dumps([self.kind, self._with(self.body)], sort_keys=True).encode()).hexdigest()

    def _with(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"target": str(self.target), "frame_index": self.frame_index, "body": body}


async def lock_video(session: AsyncSession, video_id: UUID, *, ready: bool = False) -> Video:
    """Lock a video's row. From here to the commit, nobody else writes to this video.

    Raises:
        VideoNotFound: there is no such video.
        VideoNotReady: the caller wants it `ready`, and it is not.
    """
    video = await queries.lock_video(session, video_id)
    if video is None:
        raise VideoNotFound("The video does not exist, or was deleted.")
    if ready and video.state != VideoState.ready:
        raise VideoNotReady("Wait until the video has been ingested.")
    return video


@dataclass(frozen=True, slots=True)
class Turn:
    """A writer's turn at a masklet, whose video is locked. `earlier` is the action that a repeated request made.

    `state`, `model_version` and `any_undone` are of `TurnFacts`, for requests that make an action.
    """

    video: Video
    masklet: Masklet
    earlier: Action | None = None
    state: FrameState | None = None
    model_version: str | None = None
    any_undone: bool = False
    task: Task | None = None  # whose lease the write carries


async def take_turn(
    session: AsyncSession, masklet_id: UUID, editor: Editor, request: Request | None, *, fenced: bool = True
) -> Turn:
    """Lock the masklet's video, and check that this edit may happen now or, if the request is repeated, that it did.

    Verdicts are not `fenced`, because they do not change masks.

    Raises:
        MaskletNotFound: there is no such masklet on the editor's line of work, or it was deleted.
        VideoNotReady: the video has not been ingested.
        IdempotencyKeyReused: the id belongs to another request.
        VersionConflict: the masklet has been edited since the editor saw it.
        LeaseLost, LeaseHeld, MaskletLocked: the editor may not write to the masklet at the moment.
    """
    found = await queries.lock_masklet(session, masklet_id)
    if found is None:
        raise MaskletNotFound("There is no such masklet.")
    video, masklet = found
    if masklet.participant_id not in (None, editor.actor_id):
        raise MaskletNotFound("There is no such masklet.")  # another participant's, whose existence is not revealed
    if video.state != VideoState.ready:
        raise VideoNotReady("Wait until the video has been ingested.")
    turn, held = Turn(video, masklet), None
    if request is not None:
        facts = await queries.facts_of_turn(session, masklet, editor.action_id, frame_index=request.frame_index)
        if _is_repeated(facts.earlier, request):
            return Turn(video, masklet, facts.earlier)
        held = facts.held
        turn = Turn(video, masklet, None, facts.state, facts.model_version, facts.any_undone)
    if masklet.deleted:
        raise MaskletNotFound("The masklet was deleted; undo brings it back.")
    task = None
    if fenced:
        if held is None:
            held = await held_tasks(session, video.id)
        task = await check_fence(session, held, [masklet], actor_id=editor.actor_id, lease=editor.lease)
    if masklet.version != editor.version:
        raise VersionConflict(
            f"You edited version {editor.version}; it is at version {masklet.version} now.",
            extra={"version": masklet.version},
        )
    return replace(turn, task=task)


def next_seq(session: AsyncSession, video: Video, count: int = 1) -> int:
    """Take `count` sequence numbers of a locked video and return the first. Listeners hear of them after the commit."""
    first = video.seq + 1
    video.seq += count
    announce(session, video.id)
    return first


async def repeated(session: AsyncSession, author: Author, request: Request) -> Action | None:
    """The action that this request already made, if it is a repeated one.

    Raises:
        IdempotencyKeyReused: the id belongs to another request.
    """
    action = await queries.action(session, author.action_id)
    return action if _is_repeated(action, request) else None


def _is_repeated(action: Action | None, request: Request) -> bool:
    if action is not None and action.request_hash != request.hash():
        raise IdempotencyKeyReused("Use a new Idempotency-Key for a new action.")
    return action is not None


_ANSWERED_LATER = (ActionKind.prompt, ActionKind.propagate)
"""Actions that are stored before the model has answered them."""


async def record_action(
    session: AsyncSession,
    video: Video,
    author: Author,
    request: Request,
    *,
    masklet_id: UUID | None,
    line: Line = None,
) -> Action:
    """Append an action to the video's history, after which undone ones can no longer be redone.

    An automatic action is not a step of the history: undo skips it, and it leaves undone actions as they are.
    """
    if not request.automatic:
        await queries.abandon_undone_actions(session, video.id, line, actor_id=author.actor_id)
    action = new_action(video, author, request, masklet_id=masklet_id, line=line)
    session.add(action)
    await session.flush()
    return action


def new_action(video: Video, author: Author, request: Request, *, masklet_id: UUID | None, line: Line = None) -> Action:
    """An action that is not stored yet."""
    return Action(
        id=author.action_id,
        video_id=video.id,
        masklet_id=masklet_id,
        kind=request.kind,
        actor_id=author.actor_id,
        participant_id=line,
        request=request.stored(),
        request_hash=request.hash(),
        complete=request.kind not in _ANSWERED_LATER,
        undone=False,
        abandoned=False,
        automatic=request.automatic,
    )


def raise_version(session: AsyncSession, video: Video, masklet: Masklet) -> None:
    """Increase the version: listeners hear of the masklet, and edits of the version before it are refused."""
    masklet.version += 1
    masklet.seq = next_seq(session, video)
