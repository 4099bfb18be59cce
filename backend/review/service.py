"""Record and withdraw verdicts, and sort the queue of masklets that are waiting for one."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.masklets.edit_rules import Turn, raise_version, take_turn
from backend.masklets.headers import Editor
from backend.masklets.queries import active_runs, lock_masklet, masklets_with_models
from backend.masklets.repeats import KeyedRequest, is_repeated
from backend.masklets.schemas import MaskletRead
from backend.masklets.service import masklet_read, read_masklet
from backend.page import Page
from backend.problems import IdempotencyKeyReused
from backend.projects.problems import ProjectNotFound
from backend.review import queries
from backend.review.handover import ask_again, check_free, check_verifier, hand_over
from backend.review.problems import MaskletIncomplete, NotThatLong, NoVerdict
from backend.review.queries import Quality, Waiting
from backend.review.ranks import refresh_ranks
from backend.review.risk import risk
from backend.review.schemas import PastVerdict, ReviewItem, VerdictCreate, VerdictRead
from backend.tables import Verdict
from backend.tables.states import TaskKind, VerdictKind
from backend.tasks.claims import kinds_for
from backend.videos.ready_video import ReadyVideo
from backend.webhooks.outbox import tell_verdict_recorded

_NUM_WORST_FRAMES = 5


async def record_verdict(session: AsyncSession, masklet_id: UUID, body: VerdictCreate, editor: Editor) -> VerdictRead:
    """Record a verdict on a masklet at the version that the verifier saw.

    Raises:
        MaskletIncomplete: the verdict is satisfactory, but some annotated frames have no mask yet.
        OwnWork: the verifier worked on it themselves.
        LeaseHeld: another verifier holds it.
    """
    await lock_masklet(session, masklet_id)  # a repetition waits for its original, which raises the version
    if earlier := await _repeated(session, masklet_id, body, editor):
        return await _read(session, earlier)
    turn = await take_turn(session, masklet_id, editor, None, fenced=False)
    await check_verifier(session, turn.masklet, editor)
    if body.frame_index is not None and body.frame_index >= ReadyVideo.of(turn.video).num_frames:
        raise NotThatLong(f"The video has {ReadyVideo.of(turn.video).num_frames} frames.")
    if body.verdict is VerdictKind.satisfactory:
        await _check_complete(session, turn)
    verdict = Verdict(
        masklet_id=masklet_id,
        masklet_version=turn.masklet.version,
        verdict=body.verdict,
        reasons=body.reasons,
        note=body.note,
        frame_index=body.frame_index,
        verifier_id=editor.actor_id,
        withdrawn=False,
        idempotency_key=editor.action_id,
    )
    session.add(verdict)
    details = {"verdict": body.verdict, "version": verdict.masklet_version}
    _audit(session, turn, "verdict.recorded", editor, details)
    await hand_over(session, turn, body, editor)
    raise_version(session, turn.video, turn.masklet)
    await session.flush()
    await tell_verdict_recorded(session, verdict, turn.masklet, turn.video)
    return await _read(session, verdict)


async def withdraw_verdict(session: AsyncSession, masklet_id: UUID, editor: Editor) -> MaskletRead:
    """Withdraw the latest verdict; the masklet is waiting for one again. Repeating is harmless.

    Raises:
        NoVerdict: the masklet has no verdict in force.
        LeaseHeld: somebody has it in hand already.
    """
    video_id = await queries.video_of(session, masklet_id)
    if video_id is not None:
        body = {"masklet": str(masklet_id), "version": editor.version, "how": "withdrawal"}
        if await is_repeated(session, KeyedRequest(editor.action_id, video_id, editor.actor_id, body)):
            return await read_masklet(session, masklet_id)
    turn = await take_turn(session, masklet_id, editor, None, fenced=False)
    verdict = await queries.latest_verdict(session, masklet_id)
    if verdict is None or turn.masklet.verdict is None:
        raise NoVerdict("The masklet has no verdict that still holds.")
    await check_free(session, turn.masklet, user_id=editor.actor_id)
    verdict.withdrawn = True
    _audit(session, turn, "verdict.withdrawn", editor, {"verdict": verdict.verdict})
    await ask_again(session, turn)
    raise_version(session, turn.video, turn.masklet)
    return await read_masklet(session, masklet_id)


async def list_verdicts(session: AsyncSession, masklet_id: UUID, page: Page) -> list[PastVerdict]:
    """List a page of the verdicts that a masklet was given, latest first."""
    return [_past(verdict, name) for verdict, name in await queries.verdicts(session, masklet_id, page)]


async def review_queue(session: AsyncSession, project_id: UUID, page: Page, *, actor: Person) -> list[ReviewItem]:
    """List a page of the masklets that are waiting for this person's verdict, riskiest first.

    Raises:
        ProjectNotFound: there is no such project.
    """
    if not await queries.project_exists(session, project_id):
        raise ProjectNotFound
    if TaskKind.verify not in await kinds_for(session, project_id, actor):
        return []
    await refresh_ranks(session, project_id)
    waiting = await queries.masklets_to_verify(session, project_id, page, viewer_id=actor.user_id)
    ids = [each.masklet_id for each in waiting]
    quality = await queries.quality_of(session, ids)
    worst = await queries.worst_frames(session, ids, count=_NUM_WORST_FRAMES)
    reads = {masklet.id: masklet_read(masklet, model) for masklet, model in await masklets_with_models(session, ids)}
    earlier = await queries.latest_verdicts(session, ids)
    return [
        _item(
            each,
            quality.get(each.masklet_id) or Quality.of_nothing(each.masklet_id),
            reads[each.masklet_id],
            worst.get(each.masklet_id, []),
            earlier.get(each.masklet_id),
        )
        for each in waiting
    ]


def _item(
    waiting: Waiting, quality: Quality, masklet: MaskletRead, worst: list[int], earlier: tuple[Verdict, str] | None
) -> ReviewItem:
    return ReviewItem(
        masklet=masklet,
        video_id=waiting.video_id,
        video_name=waiting.video_name,
        num_frames=waiting.num_frames,
        num_annotated_frames=quality.num_known,
        num_edited_frames=quality.num_drawn,
        mean_predicted_iou=quality.mean_predicted_iou,
        mean_object_score=quality.mean_object_score,
        worst_frames=worst,
        risk=risk(quality, num_frames=waiting.num_frames),
        earlier=None if earlier is None else _past(*earlier),
        contest=waiting.contest,
    )


async def _check_complete(session: AsyncSession, turn: Turn) -> None:
    """Check that every annotated frame is known: exports write "absent" for unknown frames, which nobody verified."""
    masklet_id = turn.masklet.id
    if any(masklet_id in run.carried_ids for run in await active_runs(session, turn.video.id)):
        raise MaskletIncomplete("Its propagation is still running.")
    if await queries.has_unfinished_prompt(session, masklet_id):
        raise MaskletIncomplete("A prompt still waits for its mask.")
    quality = (await queries.quality_of(session, [masklet_id])).get(masklet_id)
    num_known = quality.num_known if quality else 0
    missing = ReadyVideo.of(turn.video).num_grid_frames - num_known
    if missing:
        raise MaskletIncomplete(
            f"{missing} of its annotated frames have no mask yet: propagate to them first.",
            extra={"num_missing": missing},
        )
    if quality is None or quality.num_visible == 0:
        raise MaskletIncomplete("The object is on none of its annotated frames.")


async def _repeated(session: AsyncSession, masklet_id: UUID, body: VerdictCreate, editor: Editor) -> Verdict | None:
    earlier = await queries.verdict_by_key(session, editor.action_id)
    if earlier is None:
        return None
    same = (earlier.masklet_id, earlier.verdict, earlier.reasons, earlier.note, earlier.frame_index)
    if same != (masklet_id, body.verdict, body.reasons, body.note, body.frame_index):
        raise IdempotencyKeyReused("Use a new Idempotency-Key for a new verdict.")
    return earlier


def _audit(session: AsyncSession, turn: Turn, action: str, editor: Editor, details: dict[str, Any]) -> None:
    audit(
        session,
        action,
        actor_id=editor.actor_id,
        project_id=turn.video.project_id,
        object_id=turn.masklet.id,
        details={"object": turn.masklet.name, "video": turn.video.name} | details,
    )


async def _read(session: AsyncSession, verdict: Verdict) -> VerdictRead:
    return VerdictRead(
        id=verdict.id,
        verdict=verdict.verdict,
        reasons=[str(reason) for reason in verdict.reasons],
        note=verdict.note,
        frame_index=verdict.frame_index,
        masklet_version=verdict.masklet_version,
        masklet=await read_masklet(session, verdict.masklet_id),
    )


def _past(verdict: Verdict, verifier_name: str) -> PastVerdict:
    return PastVerdict(
        id=verdict.id,
        verdict=verdict.verdict,
        reasons=[str(reason) for reason in verdict.reasons],
        note=verdict.note,
        frame_index=verdict.frame_index,
        masklet_version=verdict.masklet_version,
        verifier_id=verdict.verifier_id,
        verifier_name=verifier_name,
        withdrawn=verdict.withdrawn,
        created_at=verdict.created_at,
    )
