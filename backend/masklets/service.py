"""Create, rename and delete masklets."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.leases.fence import pass_fence
from backend.masklets import queries
from backend.masklets.edit_rules import (
    Request,
    lock_video,
    next_seq,
    raise_version,
    record_action,
    repeated,
    take_turn,
)
from backend.masklets.headers import Author, Editor
from backend.masklets.line_queries import line_of
from backend.masklets.problems import MaskletNotFound, ObjectsAreGiven
from backend.masklets.repeats import KeyedRequest, is_repeated
from backend.masklets.run_end import DELETED, leave_runs
from backend.masklets.schemas import MaskletCreate, MaskletRead, MaskletUpdate
from backend.masklets.work import Handover, open_video_task
from backend.ontology.description import Description, describe, require_class
from backend.ontology.schemas import Ontology, read_values
from backend.ontology.service import ontology_of
from backend.tables import Masklet, Video
from backend.tables.states import ActionKind, Origin, Phase, WorkState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMasklet:
    """What a masklet begins as, whoever makes it: a person, a search, a study's copy or an import."""

    created_by: UUID
    phase: Phase
    name: str | None = None  # without one it is named after its class and its number
    noun: str = "Object"  # before that number, if it has no class
    description: Description = field(default_factory=Description)
    ontology: Ontology | None = None  # the project's, if the caller has read and locked it for several
    number: int | None = None  # the one it should have, if no object of the video ever had it
    origin: Origin = Origin.manual
    work: WorkState = WorkState.annotating
    participant_id: UUID | None = None
    import_id: UUID | None = None


async def begin_masklet(session: AsyncSession, video: Video, new: NewMasklet) -> Masklet:
    """Add a masklet to a locked video. Every masklet begins here; the action that made it is the caller's to record."""
    number = new.number
    if number is None or await queries.had_number(session, video.id, number):
        number = await queries.next_number(session, video.id)
    masklet = Masklet(
        video_id=video.id,
        number=number,
        name=new.name or f"{new.noun} {number}",
        class_id=None,
        attributes={},
        phase=new.phase,
        origin=new.origin,
        work=new.work,
        participant_id=new.participant_id,
        import_id=new.import_id,
        version=1,
        deleted=False,
        seq=next_seq(session, video),
        created_by=new.created_by,
    )
    if new.description:
        ontology = new.ontology or await ontology_of(session, video.project_id)
        describe(ontology, video, masklet, new.description)
        if masklet.class_id is not None and not new.name:
            masklet.name = f"{require_class(ontology, masklet.class_id).name} {number}"
    session.add(masklet)
    await session.flush()
    return masklet


async def create_masklet(session: AsyncSession, video_id: UUID, body: MaskletCreate, author: Author) -> MaskletRead:
    """Create an empty masklet. This is an action, so undo removes it.

    Raises:
        VideoNotFound, VideoNotReady: there is no such video, or it has not been ingested.
        ObjectsAreGiven: the author takes part in a running study on this video.
        IdempotencyKeyReused: the id belongs to another request.
        UnknownClass, UnknownAttribute: the ontology has no such class, attribute or value.
        LeaseLost, LeaseHeld: the author may not write to the video at the moment.
    """
    video = await lock_video(session, video_id, ready=True)
    # What is not said is left out, so that a key used before objects had classes still is that of the same request.
    said = body.model_dump(mode="json", exclude_defaults=True) | {"name": body.name}
    request = Request(ActionKind.create_masklet, video_id, said)
    if action := await repeated(session, author, request):
        assert action.masklet_id is not None
        return await read_masklet(session, action.masklet_id)
    await pass_fence(session, video_id, [], actor_id=author.actor_id, lease=author.lease)
    line = await line_of(session, video_id, author.actor_id)
    if line is not None:
        raise ObjectsAreGiven("You annotate your objects of a study here; no others are added while it runs.")
    phase = await queries.phase_of_project(session, video.project_id)
    new = NewMasklet(created_by=author.actor_id, phase=phase, name=body.name, description=body.description())
    masklet = await begin_masklet(session, video, new)
    await record_action(session, video, author, request, masklet_id=masklet.id, line=line)
    await open_video_task(session, video_id, Handover())
    return masklet_read(masklet, None)


async def rename_masklet(session: AsyncSession, masklet_id: UUID, body: MaskletUpdate, editor: Editor) -> MaskletRead:
    """Rename a masklet. This is not an action, so it cannot be undone. Repeating is harmless.

    Raises:
        IdempotencyKeyReused: the id belongs to another request.
    """
    if (found := await queries.lock_masklet(session, masklet_id)) is not None:
        asked = {"masklet": str(masklet_id), "version": editor.version, "how": "rename", "name": body.name}
        if await is_repeated(session, KeyedRequest(editor.action_id, found[0].id, editor.actor_id, asked)):
            return await read_masklet(session, masklet_id)
    turn = await take_turn(session, masklet_id, editor, None)
    turn.masklet.name = body.name
    turn.masklet.version += 1
    turn.masklet.seq = next_seq(session, turn.video)
    return await read_masklet(session, masklet_id)


async def delete_masklet(session: AsyncSession, masklet_id: UUID, editor: Editor) -> MaskletRead:
    """Delete a masklet by hiding it. This is an action, so undo brings it back with everything it had."""
    request = Request(ActionKind.delete_masklet, masklet_id, {})
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is None:
        await record_action(
            session, turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id
        )
        await leave_runs(session, turn.video, [masklet_id], DELETED)
        turn.masklet.deleted = True
        raise_version(session, turn.video, turn.masklet)
    return await read_masklet(session, masklet_id)


async def read_masklet(session: AsyncSession, masklet_id: UUID) -> MaskletRead:
    """Read a masklet, deleted or not, as this transaction sees it.

    Raises:
        MaskletNotFound: there is no such masklet.
    """
    await session.flush()
    found = await queries.masklet_with_model(session, masklet_id)
    if found is None:
        raise MaskletNotFound("There is no such masklet.")
    return masklet_read(*found)


def masklet_read(masklet: Masklet, model_version: str | None) -> MaskletRead:
    return MaskletRead(
        id=masklet.id,
        video_id=masklet.video_id,
        number=masklet.number,
        name=masklet.name,
        class_id=masklet.class_id,
        attributes=read_values(masklet.attributes),
        color_index=masklet.number - 1,
        phase=masklet.phase,
        origin=masklet.origin,
        verdict=masklet.verdict,
        work=masklet.work,
        version=masklet.version,
        deleted=masklet.deleted,
        seq=masklet.seq,
        created_by=masklet.created_by,
        model_version=model_version,
    )
